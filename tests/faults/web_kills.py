"""Patients who submit to a real web server that is killed and started again."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.conf import settings as django_settings
from django.db.models import Count

from outcomes.models import FollowUp, Response, SurveyRequest
from tests import factories, machine
from tests.faults.conftest import database_url, kill
from tests.outcomes.survey.conftest import BIRTH_DATE, Survey, ask

# So many patients for each kill that submits are always under way.
PATIENTS_A_KILL, AT_A_TIME = 3, 6
QUESTIONS = 4
LONGEST_BEFORE_KILL = 0.08
HIDDEN = re.compile(r'<input type="hidden" name="(survey|question)" value="([^"]*)">')


@dataclass
class Web:
    """A real web server on the test's database, and who is submitting to it."""

    port: int
    process: subprocess.Popen[bytes] | None = None
    # Set while somebody waits for the answer to what they sent in for good.
    is_sending: threading.Event = field(default_factory=threading.Event)
    lost_answers: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
            + ["config.wsgi"],
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                # Page files without names that only a prepared server has; and the
                # data and the broker of whoever starts it.
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TEST_PROCESS": machine.PROCESS,
                "LINK_KEY": django_settings.LINK_KEY,
                "REDIS_URL": django_settings.REDIS_URL,
                "PORT": str(self.port),
                "LOG_LEVEL": "ERROR",
                "ACCESS_LOG": os.devnull,
            },
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while not self.is_healthy():
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        try:
            return Browser(self.port).ask("GET", "/healthz")[0] == http.HTTPStatus.OK
        except OSError:
            return False

    def kill(self) -> None:
        if self.process:
            kill(self.process)


@dataclass
class Browser:
    """Keeps the cookie, and gives up on an answer that does not come."""

    port: int
    cookie: str = ""

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, where it leads and the page; OSError where no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": f"localhost:{self.port}", "Sec-Fetch-Site": "same-origin"}
        headers |= {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(fields), headers)
            reply = connection.getresponse()
            page = reply.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError from error
        finally:
            connection.close()
        held = reply.getheader("Set-Cookie", "")
        self.cookie = held.partition(";")[0] or self.cookie
        return reply.status, reply.getheader("Location", ""), page


@contextlib.contextmanager
def serving() -> Iterator[Web]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (Path(os.environ["MENDLINE_DATA"]) / "static").mkdir(exist_ok=True)
    server = Web(port)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def submit(web: Web, survey: Survey) -> int:
    """Answer until the thank-you came, however often the server dies; the tries."""
    for number in range(1, 1000):
        try:
            if answer_all(web, survey):
                return number
        except OSError:
            time.sleep(0.1)
    raise AssertionError("never thanked")


def answer_all(web: Web, survey: Survey) -> bool:
    """Whether the patient was thanked; as somebody would who opens the link again."""
    browser = Browser(web.port)
    _, leads_to, _ = browser.ask("POST", survey.path, **BIRTH_DATE)
    for _ in range(3 * QUESTIONS):
        if "/thank-you/" in leads_to:
            return browser.ask("GET", leads_to)[0] == http.HTTPStatus.OK
        status, onward, page = browser.ask("GET", leads_to)
        if status == http.HTTPStatus.OK:
            leads_to = answer(web, browser, leads_to, page)
        else:
            leads_to = onward
    return False


def answer(web: Web, browser: Browser, path: str, page: str) -> str:
    go = "send" if 'value="send"' in page else "next"
    fields = dict(HIDDEN.findall(page)) | {"answer": "3", "go": go}
    if go == "next":
        return browser.ask("POST", path, **fields)[1]
    web.is_sending.set()
    try:
        return browser.ask("POST", path, **fields)[1]
    except OSError:
        web.lost_answers += 1
        raise


def torn() -> int:
    """Responses that are sealed and not whole, or scored and not sealed; one query."""
    found = Response.objects.annotate(
        given=Count("answers", distinct=True), scored=Count("scores", distinct=True)
    ).values_list(
        *("state", "given", "scored", "follow_up__state", "request__state"),
        "follow_up__answered_at",
    )
    return sum(not is_whole(*row) for row in found)


def is_whole(
    state: str, given: int, scored: int, follow_up: str, request: str, at: object
) -> bool:
    is_sealed = state == Response.State.SEALED
    is_over = request == SurveyRequest.State.COMPLETED
    is_answered = follow_up == FollowUp.State.COMPLETED and at is not None
    if not is_sealed:
        return not (scored or is_over or is_answered)
    return given == QUESTIONS and scored > 0 and is_over and is_answered


@dataclass(frozen=True, slots=True)
class Outcome:
    """What held; `unkept` were thanked and are not there after the kill."""

    kills: int
    surveys: int
    lost_answers: int
    tries: int
    unkept: int
    torn: int
    doubled: int

    @property
    def holds(self) -> bool:
        return not (self.unkept or self.torn or self.doubled)

    def __str__(self) -> str:
        return (
            f"{self.surveys} surveys submitted and {self.kills} kills: "
            f"{self.unkept} thanked for and lost, {self.torn} stored in part, "
            f"{self.doubled} stored twice; {self.lost_answers} replies never arrived, "
            f"up to {self.tries} tries"
        )


def run(kills: int, seed: int = 12) -> Outcome:
    """Kill the server so often, each time while somebody sends a survey in."""
    clinic, rng = factories.make_clinic(), Random(seed)
    surveys = [
        ask(factories.make_complaint(factories.make_patient(clinic)))
        for _ in range(kills * PATIENTS_A_KILL)
    ]
    done, unkept, in_part = 0, 0, 0
    with serving() as web, ThreadPoolExecutor(AT_A_TIME) as patients:
        thanked = {
            survey.request.pk: patients.submit(submit, web, survey)
            for survey in surveys
        }
        while done < kills and not all(each.done() for each in thanked.values()):
            web.is_sending.clear()
            if not web.is_sending.wait(timeout=5):
                continue
            time.sleep(rng.uniform(0, LONGEST_BEFORE_KILL))
            kept = [pk for pk, each in thanked.items() if each.done()]
            web.kill()
            done += 1
            unkept += SurveyRequest.objects.filter(pk__in=kept, state="open").count()
            in_part += torn()
            web.start()
        tries = max(each.result() for each in thanked.values())
        sealed = Response.objects.filter(state=Response.State.SEALED)
        whole = sealed.values("request").distinct().count()
        return Outcome(
            kills=done,
            surveys=len(surveys),
            lost_answers=web.lost_answers,
            tries=tries,
            unkept=unkept + len(surveys) - whole,
            torn=in_part + torn(),
            doubled=Response.objects.count() - len(surveys),
        )
