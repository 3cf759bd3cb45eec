"""Keeps tokens, forms, and what a failing row holds, out of every log line."""

import copy
import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType

# The ways in of patients, of a block diary's, of a new tablet, and out of e-mails.
SECRET_PATH = re.compile(r"(/(?:s|d|stop|tablet/new)/)[^/\s?\"'<>]+")
# Gunicorn quotes what was no request, which may be a form or a cookie, and the whole
# address, query included, of one that it could not serve.
NO_REQUEST = re.compile(r"(Invalid request from ip=\S*: [^:\n]*).*")
NOT_SERVED = re.compile(r"(Error handling request [^?\n]*)\?\S*")


def redact(text: str) -> str:
    text = NO_REQUEST.sub(r"\1", NOT_SERVED.sub(r"\1", text))
    return SECRET_PATH.sub(r"\1[redacted]", text)


# The logger by which Celery tells of a task's end.
TASKS = "celery.app.trace"
# What broke is ours, and where it did is worth knowing.
BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR


def without_refusal(record: logging.LogRecord) -> logging.LogRecord:
    """What was refused, or came while the database was away, needs no traceback."""
    if getattr(record, "status_code", BROKEN) == BROKEN:
        return record
    plain = copy.copy(record)
    plain.exc_info = plain.exc_text = None
    return plain


def without_values(record: logging.LogRecord) -> logging.LogRecord:
    """Of a task that failed the kind of error: its text may quote a patient's row."""
    held, failed = record.args, record.exc_info
    if record.name != TASKS or not isinstance(held, Mapping) or not failed:
        return record
    plain = copy.copy(record)
    plain.args = {**held, "exc": failed[0].__name__ if failed[0] else ""}
    return plain


class RedactingFormatter(logging.Formatter):
    """Works on the finished text, so that it reaches tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(without_values(without_refusal(record))))

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
