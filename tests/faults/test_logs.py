"""LNK-05: what a real web server writes down while patients and staff go their ways."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import tablets
from tests import factories
from tests.faults import web
from tests.outcomes.in_clinic import blocks
from tests.outcomes.survey.conftest import BIRTH_DATE, WRONG_DATE, Survey, ask

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "The stairs are hard."
# However a date of birth is written, also the wrong one; with the year alone, what the
# server counts or numbers may look like it.
BORN = re.compile(
    r"1957-0?3-1[45]|1957031[45]|0?3/1[45]/1957|1[45][./]0?3[./]1957"
    r"|March 1[45]|1[45] de marzo|year\W{1,5}1957|1957\W{1,5}day"
)


@dataclass
class Watched(web.Browser):
    """Whatever it comes to hold is a secret."""

    secrets: set[str] = field(default_factory=set)

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        status, leads_to, page = super().ask(method, path, **fields)
        self.secrets |= set(filter(None, self.cookies.values()))
        self.secrets |= {each for _, each in web.HIDDEN.findall(page) if ":" in each}
        return status, leads_to, page

    def to(self, method: str, path: str, **fields: str) -> int | str:
        """Where it leads, or else the status."""
        status, leads_to, _ = self.ask(method, path, **fields)
        return leads_to or status


@dataclass
class Walk:
    """A server whose whole output is kept, and every secret that went through it."""

    server: web.Web
    files: tuple[Path, ...]
    secrets: set[str] = field(default_factory=set)

    def browser(self) -> Watched:
        server = self.server
        return Watched(server.port, server.statuses, server.seconds, {}, self.secrets)

    def shout(self, request: str) -> None:
        """What is no HTTP: the server says so in its log, and quotes it."""
        with socket.create_connection(("127.0.0.1", self.server.port)) as line:
            line.sendall(request.encode())
            line.settimeout(30)
            while line.recv(4096):
                pass

    @property
    def written(self) -> str:
        return "\n".join(file.read_text() for file in self.files)


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    access, said = tmp_path / "access.log", tmp_path / "said.log"
    monkeypatch.setenv("FAULT_LOG", str(said))
    # As much as it can be told to say.
    with web.serving(ACCESS_LOG=str(access), LOG_LEVEL="DEBUG") as server:
        yield Walk(server, (access, said))


def answer_survey(walk: Walk, survey: Survey) -> Watched:
    """A miss, the right day, each question, the thank-you and the own page."""
    walk.secrets.add(survey.token)
    phone = walk.browser()
    assert phone.to("GET", survey.path) == phone.to("HEAD", survey.path) == 200
    assert phone.to("POST", survey.path, **WRONG_DATE) == 200
    leads_to = phone.to("POST", survey.path, **BIRTH_DATE)
    while "/thank-you/" not in leads_to:
        _, onward, page = phone.ask("GET", leads_to)
        leads_to = onward or answer(phone, leads_to, page)
    for path in (leads_to, "/me/", "/me/answers/", "/me/answers.csv", "/me/card/"):
        assert phone.to("GET", path) == 200
    return phone


def answer(phone: Watched, path: str, page: str) -> str:
    go = "send" if 'value="send"' in page else "next"
    hidden = dict(web.HIDDEN.findall(page))
    return phone.to("POST", path, **hidden, answer=web.quiet(page) or NOTE, go=go)


def tap_in_diary(walk: Walk, token: str) -> None:
    walk.secrets.add(token)
    phone = walk.browser()
    assert phone.to("GET", f"/d/{token}") == 200
    assert phone.to("POST", f"/d/{token}", **WRONG_DATE) == 200
    assert phone.to("POST", f"/d/{token}", **BIRTH_DATE) == "/diary/"
    assert phone.to("GET", "/diary/") == 200


def leave_e_mails(walk: Walk, survey: Survey) -> None:
    token = tokens.stop_token_for(survey.request.messages.get().pk)
    walk.secrets.add(token)
    robot = walk.browser()
    assert robot.to("GET", f"/stop/{token}") == 200
    assert robot.to("POST", f"/stop/{token}", yes="1") == 200


def set_up_tablet(walk: Walk, clinic, admin) -> None:
    _, code = tablets.add(clinic, name="Window", by=admin)
    walk.secrets.add(code)
    device = walk.browser()
    assert device.to("GET", f"/tablet/new/{code}/") == 200
    assert device.to("POST", f"/tablet/new/{code}/", code=code) == "/tablet/"
    assert device.to("GET", "/tablet/") == 200


def look_up_patient(walk: Walk, admin) -> None:
    """Staff, by the date of birth."""
    client, desk = Client(), walk.browser()
    client.force_login(admin)
    name = settings.SESSION_COOKIE_NAME
    desk.cookies[name] = client.cookies[name].value
    assert desk.to("GET", "/patients/?q=03/14/1957") == 200


def go_wrong(walk: Walk, token: str, phone: Watched) -> None:
    """Everything that is refused, which servers like to write down."""
    for path in (f"/s/{token}", f"/d/{token}", f"/stop/{token}"):
        assert phone.to("GET", f"{path}/more") == 404
        assert phone.to("PUT", path, **BIRTH_DATE) == 405
    assert walk.browser().to("POST", "/survey/1/", **BIRTH_DATE) == 403
    body = "&".join(f"{name}={value}" for name, value in BIRTH_DATE.items())
    cookies = "; ".join(f"{name}={value}" for name, value in phone.cookies.items())
    head = f"POST /s/{token} HTTP/1.1\r\nHost: localhost\r\n"
    walk.shout(f"GET /s/{token}\r\n\r\n")
    walk.shout(f"GET /s/{token} HTTP/9.9\r\n\r\n")
    walk.shout(f"{head}Cookie : {cookies}\r\n\r\n")
    walk.shout(f"{head}Content-Length: 0\r\n\r\n{body} HTTP\r\n\r\n")


def test_lnk_05_no_log_holds_a_token_a_date_of_birth_or_a_session(
    walk, clinic, admin, complaint
):
    survey = ask(complaint)
    block = blocks.make_block(factories.make_patient(clinic))
    phone = answer_survey(walk, survey)
    tap_in_diary(walk, blocks.start(block, by=admin)[1])
    leave_e_mails(walk, survey)
    set_up_tablet(walk, clinic, admin)
    look_up_patient(walk, admin)
    go_wrong(walk, survey.token, phone)
    walk.server.kill()

    written = walk.written
    # What is searched is there: requests, refusals, and what was no request at all.
    for line in ("POST /s/[redacted] 302", "GET /d/[redacted] 200", "/stop/[redacted]"):
        assert line in written
    for line in ("/tablet/new/[redacted]", "Not Found: ", "Invalid request from"):
        assert line in written
    # Four ways in, and the cookies and form tokens of five browsers.
    assert len(walk.secrets) >= 12
    assert not [secret for secret in walk.secrets if secret in written]
    assert BORN.findall(written) == [] and NOTE not in written
