"""A real web server on the database in use, and patients who submit to it."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests import machine
from tests.faults import programs
from tests.outcomes.survey.conftest import BIRTH_DATE, Survey

# Screens of one survey, and the answers that are stored of them.
QUESTIONS, ANSWERS = 7, 15
BOXES = re.compile(r'type="checkbox" name="answer" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(survey|question)" value="([^"]*)">')


@dataclass
class Web:
    """A real web server on the test's database, and who is submitting to it."""

    port: int
    # What it is told besides, such as another broker.
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    # Set while somebody waits for the answer to what they sent in for good.
    is_sending: threading.Event = field(default_factory=threading.Event)
    lost_answers: int = 0
    # The questions of each link's survey after whose answer the next one came.
    acknowledged: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    # How often it answered with each status.
    statuses: Counter[int] = field(default_factory=Counter)
    # How long each page took that it answered, in seconds.
    seconds: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.process = programs.start(
            ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"],
            **{
                # Page files without names that only a prepared server has; and the
                # data and the broker of whoever starts it.
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TEST_PROCESS": machine.PROCESS,
                "PORT": str(self.port),
                "LOG_LEVEL": "ERROR",
                "ACCESS_LOG": os.devnull,
                **self.environment,
            },
        )
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while not self.is_healthy():
            assert self.process and self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        try:
            return self.browser().ask("GET", "/healthz")[0] == http.HTTPStatus.OK
        except OSError:
            return False

    def browser(self) -> "Browser":
        return Browser(self.port, self.statuses, self.seconds)

    @property
    def failures(self) -> dict[int, int]:
        """How often it said that something broke, by status."""
        return {
            status: number
            for status, number in self.statuses.items()
            if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR
        }

    def kill(self) -> None:
        if self.process:
            programs.kill(self.process)

    def kill_workers(self) -> bool:
        """Those that answer; whoever holds the port forks others at once."""
        found = programs.children(self.process) if self.process else []
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)


@dataclass
class Browser:
    """Keeps the cookies, and gives up on an answer that does not come."""

    port: int
    statuses: Counter[int]
    seconds: list[float]
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, where it leads and the page; OSError where no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": f"localhost:{self.port}", "Sec-Fetch-Site": "same-origin"}
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {"Cookie": sent} if sent else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        try:
            connection.request(method, path, urlencode(fields), headers)
            reply = connection.getresponse()
            page = reply.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError from error
        finally:
            connection.close()
        self.statuses[reply.status] += 1
        self.seconds.append(time.perf_counter() - began)
        for line in reply.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply.status, reply.getheader("Location", ""), page


@contextlib.contextmanager
def serving(**environment: str) -> Iterator[Web]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (Path(os.environ["MENDLINE_DATA"]) / "static").mkdir(exist_ok=True)
    server = Web(port, environment)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def submit(web: Web, survey: Survey) -> int:
    """Answer until the thank-you came, however often the server dies; the tries."""
    for number in range(1, 1000):
        try:
            if answer_all(web, survey.path):
                return number
        except OSError:
            time.sleep(0.1)
    raise AssertionError("never thanked")


def answer_all(web: Web, path: str) -> bool:
    """Whether the patient was thanked; as somebody would who opens the link again."""
    browser = web.browser()
    _, leads_to, _ = browser.ask("POST", path, **BIRTH_DATE)
    for _ in range(3 * QUESTIONS):
        if "/thank-you/" in leads_to:
            return browser.ask("GET", leads_to)[0] == http.HTTPStatus.OK
        if not leads_to:
            return False
        status, onward, page = browser.ask("GET", leads_to)
        if status == http.HTTPStatus.OK:
            leads_to = answer(web, browser, leads_to, page)
            if leads_to:
                web.acknowledged[path] |= asked_on(page)
        else:
            leads_to = onward
    return False


def asked_on(page: str) -> set[str]:
    """The link ids that the answer to a page is stored under."""
    boxes = set(BOXES.findall(page)) - {"none"}
    return boxes or {dict(HIDDEN.findall(page))["question"].partition(".")[0]}


def quiet(page: str) -> str:
    """A number where it asks for one; else there is nothing to tell."""
    if 'type="radio"' in page:
        return "3"
    return "none" if BOXES.search(page) else ""


def answer(web: Web, browser: Browser, path: str, page: str) -> str:
    go = "send" if 'value="send"' in page else "next"
    fields = dict(HIDDEN.findall(page)) | {"answer": quiet(page), "go": go}
    if go == "next":
        return browser.ask("POST", path, **fields)[1]
    web.is_sending.set()
    try:
        return browser.ask("POST", path, **fields)[1]
    except OSError:
        web.lost_answers += 1
        raise
