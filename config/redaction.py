"""Keeps survey tokens out of every log line."""

import logging
import re

SURVEY_PATH = re.compile(r"/s/[^/\s?\"'<>]+")


def redact(text: str) -> str:
    return SURVEY_PATH.sub("/s/[redacted]", text)


class RedactingFormatter(logging.Formatter):
    """Works on the finished text, so that it reaches tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
