import logging
import sys

import pytest

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
