"""Text messages over HTTP, as Twilio and those who speak its API take them."""

import base64
import functools
import http.client
import io
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from clinic import clock
from outcomes.follow_ups.channels.outcome import (
    A_WHILE,
    SILENT_BEHIND,
    Outcome,
    Verdict,
    reference,
)
from outcomes.follow_ups.channels.sms_text import Text

CONNECT_SECONDS = 5.0
# For all of a call, however slowly the answer comes.
TOTAL_SECONDS = 30.0
LAST_MOMENT = 0.01
LONGEST_ANSWER = 256 * 1024
LONGEST_WAIT = timedelta(hours=24)
# How far back a text of ours is looked for among those to one number.
NEWEST = 50
SERVICE = "MG"
# What the detail says; staff read it, and the number is not tried again.
NOT_A_NUMBER, LANDLINE, OPTED_OUT = "not a number", "landline", "opted out"
# Source: Twilio, "Error and Warning Dictionary".
REFUSALS = {21211: NOT_A_NUMBER, 21614: LANDLINE, 21610: OPTED_OUT}
# Our account, or the clinic's own sender: no other recipient would change it.
ABOUT_ACCOUNT = {20003, 20404}
ABOUT_SENDER = {21212, 21606, 21659, 21660}
SENDER_IS_BUSY = {21611}
TRY_LATER = {20429} | SENDER_IS_BUSY


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class NotHandedOverError(OSError):
    """Nothing of it reached the provider."""


class UnansweredError(OSError):
    """The provider has all of it and has not said what it made of it."""


def send(text: Text) -> Outcome:
    sender = "MessagingServiceSid" if text.sender.startswith(SERVICE) else "From"
    fields = {"To": text.to, sender: text.sender, "Body": text.body}
    if text.receipts_url:
        fields["StatusCallback"] = text.receipts_url
    try:
        return outcome_of(_call("POST", _path(), urlencode(fields)))
    except NotHandedOverError as error:
        return Outcome(Verdict.TRY_LATER, f"no connection: {error}")
    except UnansweredError:
        return Outcome(Verdict.UNCERTAIN, "no answer after the content")


def was_sent(text: Text) -> bool | None:
    """The API keeps no reference of ours: the link in the text names it."""
    query = urlencode({"To": text.to, "PageSize": NEWEST})
    try:
        answer = _call("GET", f"{_path()}?{query}")
    except OSError:
        return None
    listed = answer.body.get("messages")
    if answer.status != http.HTTPStatus.OK or not isinstance(listed, list):
        return None
    return any(text.mark in str(one.get("body", "")) for one in listed)


def outcome_of(answer: Answer) -> Outcome:
    code = answer.body.get("code")
    detail = f"HTTP {answer.status}" + (f", code {code}" if _is_code(code) else "")
    if answer.status in {http.HTTPStatus.OK, http.HTTPStatus.CREATED}:
        sid = reference(str(answer.body.get("sid", "")))
        return Outcome(Verdict.ACCEPTED, provider_ref=sid)
    if answer.status in SILENT_BEHIND:
        return Outcome(Verdict.UNCERTAIN, detail)
    if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(Verdict.TRY_LATER, detail, retry_after=_asked_wait(answer))
    if answer.status == http.HTTPStatus.TOO_MANY_REQUESTS or code in TRY_LATER:
        return Outcome(
            Verdict.TRY_LATER,
            detail,
            retry_after=_asked_wait(answer) or A_WHILE,
            blames_sender=code in SENDER_IS_BUSY,
        )
    if code in REFUSALS:
        return Outcome(Verdict.REFUSED, REFUSALS[code], is_answer=True)
    if code in ABOUT_SENDER:
        return Outcome(Verdict.CHANNEL_DOWN, detail, blames_sender=True)
    is_about_us = answer.status != http.HTTPStatus.BAD_REQUEST or code in ABOUT_ACCOUNT
    if is_about_us:
        return Outcome(Verdict.CHANNEL_DOWN, detail)
    return Outcome(Verdict.REFUSED, detail, is_answer=True)


def _is_code(code: object) -> bool:
    return isinstance(code, int)


def _asked_wait(answer: Answer) -> timedelta | None:
    """Retry-After is seconds or a date (RFC 9110, 10.2.3)."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - _real_now()
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _real_now() -> datetime:
    """A provider's clock is not moved with ours."""
    return clock.now() - settings.CLOCK_OFFSET


def _path() -> str:
    return f"/2010-04-01/Accounts/{settings.SMS_ACCOUNT}/Messages.json"


def _call(method: str, path: str, form: str = "") -> Answer:
    """One request, in 5 seconds for the connection and 30 for everything."""
    ends_at = time.monotonic() + TOTAL_SECONDS
    connection = _connection(ends_at)
    try:
        _hand_over(connection, method, path, form)
        return _read(connection)
    finally:
        connection.close()


def _connection(ends_at: float) -> http.client.HTTPConnection:
    place = urlsplit(settings.SMS_API_URL)
    is_safe = place.scheme == "https"
    kind = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
    connection = kind(str(place.hostname), place.port, timeout=CONNECT_SECONDS)
    connection.response_class = functools.partial(  # type: ignore[assignment]
        _PromptResponse, ends_at=ends_at
    )
    return connection


def _hand_over(
    connection: http.client.HTTPConnection, method: str, path: str, form: str
) -> None:
    signed_in = base64.b64encode(
        f"{settings.SMS_ACCOUNT}:{settings.SMS_TOKEN}".encode()
    )
    headers = {"Authorization": f"Basic {signed_in.decode()}"}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.connect()
        base = urlsplit(settings.SMS_API_URL).path.rstrip("/")
        connection.request(method, base + path, form or None, headers)
    except (OSError, http.client.HTTPException) as error:
        raise NotHandedOverError(type(error).__name__) from error


def _read(connection: http.client.HTTPConnection) -> Answer:
    try:
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise UnansweredError from error
    try:
        content = response.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException):
        # Taken or not was said already; only its name is missing.
        content = b""
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, _object(content))


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _PromptReader(io.RawIOBase):
    """A socket's timeout begins anew with every byte; this one ends for all."""

    def __init__(self, sock: socket.socket, ends_at: float) -> None:
        self._sock, self._ends_at = sock, ends_at
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(max(self._ends_at - time.monotonic(), LAST_MOMENT))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PromptResponse(http.client.HTTPResponse):
    def __init__(
        self, sock: socket.socket, *args: Any, ends_at: float, **kwargs: Any
    ) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_PromptReader(sock, ends_at))
