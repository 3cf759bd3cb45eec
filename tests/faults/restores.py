"""Yesterday's backup restored while today's messages are out already.

A real copy of the database, real workers on it, and the log of a mail server.
"""

import contextlib
import io
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from clinic import access, clock
from clinic.models import Clinic, User
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import pauses
from outcomes.models import Message
from tests import factories
from tests.faults import crews, servers, stage
from tests.faults import sink as sinks

HELD_SECONDS, GIVES_UP_AFTER = 6, 300
SPREAD_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Outcome:
    messages: int
    # As the mail server's log has it, before the restore.
    gone: int
    # On the restored copy: before anybody released, and after.
    while_held: int
    again: int
    first_time: int

    @property
    def holds(self) -> bool:
        is_rest_sent = self.first_time == self.messages - self.gone
        return not self.while_held and not self.again and is_rest_sent

    def __str__(self) -> str:
        return (
            f"{self.messages} messages, {self.gone} of them gone since the backup: "
            f"{self.while_held} sent while held, {self.again} of the log sent again, "
            f"{self.first_time} of the other {self.messages - self.gone} sent"
        )


def run(*, due_now: int, gone: int) -> Outcome:
    clinic = factories.make_clinic()
    releases = factories.make_user(clinic, access.Role.ADMIN)
    stage.make_due(clinic, due_now)
    due.advance_due(clinic, clock.now())
    messages = Message.objects.filter(clinic=clinic).count()
    with contextlib.ExitStack() as held:
        broker = held.enter_context(servers.broker())
        copy = held.enter_context(copied())
        log = _today(broker.url, gone)
        held.enter_context(servers.using(copy))
        broker.forget()
        while_held, after = _restored(broker.url, clinic, releases, log, messages)
    return Outcome(
        messages=messages,
        gone=len(log),
        while_held=while_held,
        again=len([name for name in after if name in log]),
        first_time=len({name for name in after if name not in log}),
    )


@contextlib.contextmanager
def copied() -> Iterator[dict[str, Any]]:
    """A backup of the database as it is now, restored somewhere else."""
    if connection.vendor == "postgresql":
        with servers.cluster() as cluster:
            cluster.copy()
            yield servers.postgresql_at(cluster.port)
        return
    connection.ensure_connection()
    with tempfile.TemporaryDirectory(prefix="mendline-restored-") as folder:
        place = Path(folder) / "mendline.sqlite3"
        with contextlib.closing(sqlite3.connect(place)) as into:
            connection.connection.backup(into)
        yield {**connection.settings_dict, "NAME": str(place)}


def _today(broker: str, gone: int) -> list[str]:
    """What goes out by the original, until it is lost: by its Message-IDs."""
    with sinks.listening() as sink:
        # One at a time, so that there is a moment between two.
        sink.delay = 0.05
        with crews.at_work([crews.ALL_WORK], broker, sink.url) as crew:
            _ring_until(crew, lambda: len(sink.accepted) >= gone)
        return list(sink.accepted)


def _restored(
    broker: str, clinic: Clinic, releases: User, log: Sequence[str], messages: int
) -> tuple[int, list[str]]:
    with sinks.listening() as sink:
        held = {"SEND_HOLD": "true"}
        with crews.at_work([crews.ALL_WORK], broker, sink.url, **held) as crew:
            _ring_until(crew, lambda: bool(pauses.standing(clinic)))
            until = time.monotonic() + HELD_SECONDS
            _ring_until(crew, lambda: time.monotonic() > until)
        while_held = len(sink.accepted)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("".join(f"postfix/cleanup: message-id={one}\n" for one in log))
            file.flush()
            call_command("mark_sent", file.name, stdout=io.StringIO())
        pauses.release(clinic, spread=SPREAD_MINUTES, by=releases)
        # As if the time over which the release spreads them had passed.
        waiting = Message.objects.filter(next_attempt_at__isnull=False)
        waiting.update(next_attempt_at=clock.now())
        with crews.at_work([crews.ALL_WORK], broker, sink.url) as crew:
            _ring_until(crew, lambda: stage.is_over([clinic]))
        return while_held, sink.accepted[while_held:]


def _ring_until(crew: crews.Crew, is_so: Any) -> None:
    deadline = time.monotonic() + GIVES_UP_AFTER
    while not is_so() and time.monotonic() < deadline:
        crew.ring("outcomes.tick")
        time.sleep(0.3)
