"""Mail by a provider's web service: a real one on loopback that speaks Postmark's."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clinic import clock
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.models import ChannelPause, Message
from patients.models import ContactPoint
from tests import factories

INACTIVE = "Found inactive addresses: {}.\nInactive recipients are ones that bounced."


class Provider(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.code = 200
        self.headers: dict[str, str] = {}
        self.error_code, self.message = 0, "OK"
        self.is_silent = False
        self.calls = 0
        # Instead of Postmark's own answer.
        self.said: object = None
        self.letters: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        letter = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls += 1
        if self.server.is_silent:
            self.close_connection = True
            return
        if self.server.code == 200:
            self.server.letters.append(letter)
        said = {
            "To": letter["To"],
            "MessageID": "p-17",
            "ErrorCode": self.server.error_code,
            "Message": INACTIVE.format(letter["To"])
            if self.server.error_code
            else "OK",
        }
        self.answer(json.dumps(self.server.said or said).encode())

    def answer(self, content: bytes) -> None:
        self.send_response(self.server.code)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    with Provider() as server:
        settings.ANYMAIL = settings.ANYMAIL | {
            "POSTMARK_SERVER_TOKEN": "secret",
            "POSTMARK_API_URL": server.url,
        }
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def deliver(message: Message) -> Message:
    outbox.deliver(message.pk)
    message.refresh_from_db()
    return message


def test_what_it_takes_is_kept_with_its_reference(invitation, provider):
    message = deliver(invitation)
    assert (message.state, message.provider_ref) == ("accepted", "p-17")
    (letter,) = provider.letters
    headers = {one["Name"]: one["Value"] for one in letter["Headers"]}
    assert headers["Message-ID"].startswith(f"<{message.pk}@")
    assert (letter["TrackOpens"], letter["TrackLinks"]) == (False, "None")


def test_a_wrong_key_pauses_the_channel(invitation, provider):
    provider.code = 401
    assert (deliver(invitation).state, invitation.attempts) == ("retry_wait", 0)
    assert ChannelPause.objects.get().reason == "HTTP 401"


def test_a_provider_that_asks_for_time_gets_it(invitation, provider):
    provider.code, provider.headers = 429, {"Retry-After": "7200"}
    message = deliver(invitation)
    assert (message.state, message.error) == ("retry_wait", "HTTP 429")
    assert message.next_attempt_at - clock.now() > timedelta(minutes=119)


def test_a_provider_that_asks_for_time_is_left_alone_by_all(
    invitation, provider, clinic
):
    more = factories.make_complaint(factories.make_patient(clinic))
    factories.make_performed(factories.make_plan(more, started_days_ago=40))
    due.advance_due(clinic, clock.now())
    provider.code = 429
    outbox.send_due(clinic, "email")
    assert provider.calls == 1
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 1]
    wait = ChannelPause.objects.get().next_try_at - clock.now()
    assert timedelta(seconds=50) < wait <= timedelta(minutes=1)


def test_an_address_that_it_refuses_is_remembered(invitation, provider):
    provider.code, provider.error_code, provider.message = 422, 406, INACTIVE
    assert deliver(invitation).state == "failed"
    assert ContactPoint.objects.get(system="email").failed_at is not None


def test_a_fault_of_the_provider_passes(invitation, provider):
    provider.code = 503
    message = deliver(invitation)
    assert (message.state, message.error) == ("retry_wait", "HTTP 503")


RECIPIENT = [
    (
        400,
        {"errors": [{"message": "No valid email", "field": "personalizations.0.to"}]},
    ),
    (400, {"message": "to parameter is not a valid address. please check"}),
    (422, {"name": "validation_error", "message": "Invalid `to` field."}),
    (400, {"code": "invalid_parameter", "message": "email is not valid in to"}),
    (400, {"Messages": [{"Errors": [{"ErrorRelatedTo": ["To[0].Email"]}]}]}),
]
OURS = [
    (422, {"ErrorCode": 400, "Message": "The 'From' address is not confirmed."}),
    (422, {"ErrorCode": 405, "Message": "Your account has run out of credits."}),
    (400, {"message": "from parameter is not a valid address. please check"}),
    (400, {"errors": [{"message": "No such address", "field": "from.email"}]}),
    (400, {"message": "Add a@to.example to the recipients of your account"}),
    (404, {"message": "nothing here"}),
    (403, {}),
]
THIS_ONE = [
    (400, {"message": "The content is not acceptable"}),
    (413, {"message": "Too large for sender@to.example"}),
    (422, {"ErrorCode": 300, "Message": "Invalid header"}),
]


def given(provider: Provider, answer: tuple[int, object]) -> None:
    provider.code, provider.said = answer


@pytest.mark.parametrize("answer", RECIPIENT)
def test_what_is_said_of_the_recipient_fails_the_address(invitation, provider, answer):
    given(provider, answer)
    assert deliver(invitation).state == "failed"
    assert ContactPoint.objects.get(system="email").failure == f"HTTP {answer[0]}"
    assert not ChannelPause.objects.exists()


@pytest.mark.parametrize("answer", OURS)
def test_what_is_said_of_us_pauses_the_channel(invitation, provider, answer):
    given(provider, answer)
    assert (deliver(invitation).state, invitation.attempts) == ("retry_wait", 0)
    assert ChannelPause.objects.get().reason == f"HTTP {answer[0]}"
    assert ContactPoint.objects.get(system="email").failed_at is None


@pytest.mark.parametrize("answer", THIS_ONE)
def test_any_other_refusal_is_of_this_letter(invitation, provider, answer):
    given(provider, answer)
    message = deliver(invitation)
    assert (message.state, message.error) == ("failed", f"HTTP {answer[0]}")
    assert ContactPoint.objects.get(system="email").failed_at is None
    assert not ChannelPause.objects.exists()


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *((408, "retry_wait"), (500, "retry_wait"), (503, "retry_wait")),
        *((502, "queued"), (504, "queued")),
    ],
)
def test_a_passing_fault_is_tried_later_and_silence_is_in_doubt(
    invitation, provider, code, state
):
    given(provider, (code, {}))
    message = deliver(invitation)
    assert (message.state, message.error) == (state, f"HTTP {code}")


def test_silence_after_the_content_is_uncertain(invitation, provider):
    provider.is_silent = True
    message = deliver(invitation)
    assert (message.state, message.error) == ("queued", "no answer to the content")


def test_a_provider_that_is_not_there_has_nothing(invitation, provider, settings):
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:1/"}
    message = deliver(invitation)
    assert message.state == "retry_wait"
    assert message.error == "no connection: ConnectionError"
