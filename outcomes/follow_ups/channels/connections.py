"""Connections to where mail goes: one for each letter, or kept over several."""

import contextlib
import smtplib
import threading
from collections.abc import Iterator

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

# No thread may write into another one's conversation.
_thread = threading.local()


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Within it, this thread has one connection a backend; closed at its end."""
    _thread.backends = {}
    try:
        yield
    finally:
        backends: dict[str, BaseEmailBackend] = _thread.backends
        del _thread.backends
        for backend in backends.values():
            # All that it was told is recorded; how it says goodbye does not matter.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                backend.close()


def to(path: str) -> BaseEmailBackend:
    """A backend by its dotted path, which inside `kept` stays connected."""
    backends: dict[str, BaseEmailBackend] | None = getattr(_thread, "backends", None)
    if backends is None:
        return mail.get_connection(path)
    if path not in backends:
        backends[path] = mail.get_connection(path)
        backends[path].is_kept = True  # type: ignore[attr-defined]
    return backends[path]
