import logging
import sys

import pytest
from celery import Celery

from config.redaction import RedactingFormatter, redact

TOKEN = "k3Jx_9-AbCdEfGhIjKlMn"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /s/{TOKEN} 200",
        f"Not Found: /s/{TOKEN}",
        f"https://example.org/s/{TOKEN}?x=1",
        f"Forbidden ('/s/{TOKEN}')",
        f"/s/{TOKEN}/more",
    ],
)
def test_no_token_reaches_a_log_line(line: str) -> None:
    assert TOKEN not in redact(line)
    assert "/s/[redacted]" in redact(line)


def test_other_addresses_stay_readable() -> None:
    assert redact("GET /patients/4/ and /survey/2") == "GET /patients/4/ and /survey/2"


def test_a_traceback_shows_no_token() -> None:
    try:
        raise ValueError(f"cannot open /s/{TOKEN}")
    except ValueError:
        record = logging.LogRecord(
            "web", logging.ERROR, __file__, 1, "failed", None, sys.exc_info()
        )
    assert TOKEN not in RedactingFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    ("status", "is_traced"), [(403, False), (503, False), (500, True)]
)
def test_a_refusal_is_logged_without_a_traceback(status: int, is_traced: bool) -> None:
    try:
        raise ValueError
    except ValueError:
        record = logging.LogRecord(
            "django.request", logging.WARNING, __file__, 1, "no", None, sys.exc_info()
        )
    record.status_code = status
    line = RedactingFormatter("%(message)s").format(record)
    assert ("ValueError" in line) is is_traced


def test_a_traceback_says_where_and_what_kind_but_quotes_no_value() -> None:
    row = "-".join(["Marta", "1957"])
    try:
        try:
            raise KeyError(row)
        except KeyError as error:
            raise ValueError(row) from error
    except ValueError:
        record = logging.LogRecord(
            "web", logging.ERROR, __file__, 1, "failed", None, sys.exc_info()
        )
    text = RedactingFormatter("%(message)s").format(record)
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "test_redaction.py" in text
    assert row not in text


def test_a_task_that_fails_is_logged_without_the_text_of_its_error(caplog):
    row = "-".join(["Marta", "1957"])

    @Celery(set_as_current=False).task
    def fail() -> None:
        raise ValueError(row)

    fail.apply()
    (record,) = (one for one in caplog.records if one.name == "celery.app.trace")
    assert row in record.getMessage()
    # What the handler of the test has put there is not ours.
    record.exc_text = None
    line = RedactingFormatter("%(message)s").format(record)
    assert "raised unexpected: ValueError" in line
    assert row not in line


def test_the_ways_in_of_the_clinic_are_kept_out_too() -> None:
    assert redact(f"GET /d/{TOKEN} 200") == "GET /d/[redacted] 200"
    assert redact("GET /tablet/new/K7QF2M9X/ 200") == "GET /tablet/new/[redacted]/ 200"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Invalid HTTP request line: 'day=1&year=57'", "Invalid HTTP request line"),
        ("Invalid HTTP header name: 'Cookie: survey=57'", "Invalid HTTP header name"),
        ("Request Line is too large (57 > 40)", "Request Line is too large (57 > 40)"),
    ],
)
def test_what_was_no_request_is_not_quoted(said: str, kept: str) -> None:
    begins = "Invalid request from ip=::1: "
    assert redact(begins + said) == begins + kept


def test_of_a_request_that_failed_the_query_is_not_kept() -> None:
    line = "Error handling request GET /patients/?q=Marta\nTraceback"
    assert redact(line) == "Error handling request GET /patients/\nTraceback"
