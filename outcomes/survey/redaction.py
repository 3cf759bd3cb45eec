"""Keeps the tokens of survey links out of every log."""

import logging
import re

_TOKEN = re.compile(r"(/s/)[^\s/?#'\"<>]+")


def without_tokens(text: str) -> str:
    return _TOKEN.sub(r"\1[redacted]", text)


class Formatter(logging.Formatter):
    """Redacts the finished line, so that messages and tracebacks are both covered."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))
