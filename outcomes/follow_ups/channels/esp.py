"""What it means when the web service of a mail provider does not take a letter."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from requests import RequestException
from requests.exceptions import ConnectTimeout, SSLError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from outcomes.follow_ups.channels.outcome import (
    A_WHILE,
    SILENT_BEHIND,
    Outcome,
    Verdict,
    reference,
)

UNANSWERED = "no answer to the content"
# Our key, our account or its balance, or no place of the service: no other letter
# would fare better.
ABOUT_US = (401, 402, 403, 404, 405, 410)
PASSING = (408, 429)
# How the providers' answers name the field or the thing that they object to.
_SENDER = re.compile(
    r"""\bsender\b|\baccount\b|\bcredits?\b|[`'"]from[`'"]|\bfrom(_email)?[.\[]"""
    r"""|\bfrom (parameter|field|address)|\bin from\b|\byour( own)? domain\b"""
    r"""|\bsending domain\b""",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"""\brecipients?\b|[`'"]to[`'"]|\bto[.\[]|\.to\b|\bto (parameter|field|address)"""
    r"""|\bin to\b""",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S+@\S+")


def verdict_of(error: AnymailError) -> Outcome:
    """An answer is a matter of its code; what no answer means, of how far we got."""
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(
            Verdict.REFUSED,
            "refused by the provider",
            is_answer=True,
            blames_address=True,
        )
    if error.status_code is not None:
        return _of_answer(error.status_code, error.response)
    if isinstance(error.__cause__, RequestException):
        return _of_silence(error.__cause__)
    return Outcome(Verdict.TRY_LATER, type(error).__name__)


def _of_answer(code: int, response: Any) -> Outcome:
    detail = f"HTTP {code}"
    if code in SILENT_BEHIND or code < HTTPStatus.MULTIPLE_CHOICES:
        # Or it said yes in words that nobody here understands.
        return Outcome(Verdict.UNCERTAIN, detail)
    if code in PASSING or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = _asked_wait(code, getattr(response, "headers", {}))
        return Outcome(Verdict.TRY_LATER, detail, retry_after=wait)
    said = "\n".join(_words(response))
    if code in ABOUT_US or code < HTTPStatus.BAD_REQUEST or _SENDER.search(said):
        return Outcome(Verdict.CHANNEL_DOWN, detail)
    is_address = _RECIPIENT.search(said) is not None
    return Outcome(Verdict.REFUSED, detail, is_answer=True, blames_address=is_address)


def _asked_wait(code: int, headers: Any) -> timedelta | None:
    wait = A_WHILE if code == HTTPStatus.TOO_MANY_REQUESTS else None
    with suppress(ValueError, OverflowError):
        wait = timedelta(seconds=max(int(headers.get("Retry-After", "")), 0))
    return wait


def _words(response: Any) -> Iterator[str]:
    """All that the answer says, without the addresses in it; nothing of it is kept."""
    with suppress(ValueError, AttributeError):
        yield from _inside(response.json())


def _inside(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield _ADDRESS.sub("", said)
    elif isinstance(said, dict):
        yield from _inside(list(said.values()))
    elif isinstance(said, list):
        for one in said:
            yield from _inside(one)


def _of_silence(error: RequestException) -> Outcome:
    if _was_never_there(error):
        return Outcome(Verdict.TRY_LATER, f"no connection: {type(error).__name__}")
    return Outcome(Verdict.UNCERTAIN, UNANSWERED)


def _was_never_there(error: RequestException) -> bool:
    """Whether it failed before anything of the letter was sent."""
    if isinstance(error, ConnectTimeout | SSLError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def reference_of(letter: Any) -> str:
    """The provider's own name for what it took; empty where it gave none."""
    status = getattr(letter, "anymail_status", None)
    given = getattr(status, "message_id", None)
    return reference(given) if isinstance(given, str) else ""
