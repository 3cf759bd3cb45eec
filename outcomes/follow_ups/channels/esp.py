"""What it means when the web service of a mail provider does not take a letter."""

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from requests import RequestException
from requests.exceptions import ConnectTimeout, SSLError
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from outcomes.follow_ups.channels.outcome import A_WHILE, Outcome, Verdict

UNANSWERED = "no answer to the content"
# Our key, our account or its balance: no other letter would fare better.
ABOUT_US = (401, 402, 403)


def verdict_of(error: AnymailError) -> Outcome:
    """An answer is a matter of its code; what no answer means, of how far we got."""
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(Verdict.REFUSED, "refused by the provider", blames_address=True)
    if error.status_code is not None:
        return _of_answer(error.status_code, getattr(error.response, "headers", {}))
    if isinstance(error.__cause__, RequestException):
        return _of_silence(error.__cause__)
    return Outcome(Verdict.TRY_LATER, type(error).__name__)


def _of_answer(code: int, headers: Any) -> Outcome:
    detail = f"HTTP {code}"
    if code in ABOUT_US:
        return Outcome(Verdict.CHANNEL_DOWN, detail)
    wait = A_WHILE if code == HTTPStatus.TOO_MANY_REQUESTS else None
    with suppress(ValueError, OverflowError):
        wait = timedelta(seconds=max(int(headers.get("Retry-After", "")), 0))
    return Outcome(Verdict.TRY_LATER, detail, retry_after=wait)


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
    return given if isinstance(given, str) else ""
