"""Keeps survey tokens, and what a failing row holds, out of every log line."""

import copy
import logging
import re
import traceback
from http import HTTPStatus
from types import TracebackType

SURVEY_PATH = re.compile(r"/s/[^/\s?\"'<>]+")


def redact(text: str) -> str:
    return SURVEY_PATH.sub("/s/[redacted]", text)


def without_refusal(record: logging.LogRecord) -> logging.LogRecord:
    """A request that was refused as it should be needs no traceback."""
    status = getattr(record, "status_code", None)
    if not isinstance(status, int) or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return record
    plain = copy.copy(record)
    plain.exc_info = plain.exc_text = None
    return plain


class RedactingFormatter(logging.Formatter):
    """Works on the finished text, so that it reaches tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(without_refusal(record)))

    def formatException(  # noqa: N802  the name that logging calls
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Where it failed and the kind of error; its text may quote a patient's row."""
        kinds = []
        error = ei[1]
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error)
            kinds.append(f"{frames}{kind.__module__}.{kind.__qualname__}")
            error = error.__cause__ or error.__context__
        return "\n".join(reversed(kinds))
