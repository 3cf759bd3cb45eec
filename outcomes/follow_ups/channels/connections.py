"""What letters need: made for each of them, or kept over several."""

import contextlib
import smtplib
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

Found = TypeVar("Found")
# No thread may write into another one's conversation.
_thread = threading.local()


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Within it, this thread has one connection a backend; closed at its end."""
    _thread.backends, _thread.read = {}, {}
    try:
        yield
    finally:
        backends: dict[str, BaseEmailBackend] = _thread.backends
        del _thread.backends, _thread.read
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


def read_once(name: Hashable, read: Callable[[], Found]) -> Found:
    """What all letters of a clinic have in common; inside `kept` it is read once."""
    known: dict[Hashable, Found] | None = getattr(_thread, "read", None)
    if known is None:
        return read()
    if name not in known:
        known[name] = read()
    return known[name]
