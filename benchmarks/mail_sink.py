"""A mail server on loopback, in a process of its own, and programs that send to it."""

import contextlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from tests.faults import sink as sinks


@dataclass(frozen=True, slots=True)
class MailSink:
    port: int
    _pipe: Connection

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def taken(self) -> list[str]:
        """The Message-IDs it accepted since it was last asked, each as often."""
        self._pipe.send("taken")
        return self._pipe.recv()


@contextlib.contextmanager
def running() -> Iterator[MailSink]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield MailSink(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    with sinks.listening() as server:
        pipe.send(server.port)
        while pipe.recv() == "taken":
            taken, server.accepted = server.accepted, []
            pipe.send(taken)
