"""When each job last ran, on each machine: what health is told from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from clinic import clock
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.guard.clock_guard import Sight
from outcomes.models import SchedulerTick

TICK = "tick"
RECONCILE = "reconcile"
# The workers that send have queues of their own, so each gives a sign of its own.
MAIL, TEXT = "mail", "text"
# An end in the future was written by a clock that has been set back since.
AHEAD = timedelta(minutes=1)


def sight(now: datetime) -> Sight:
    return Sight(machine.boot(), now, machine.uptime())


def seen_before(job: str, boot: str) -> tuple[Sight | None, Sight | None]:
    """The last look since this machine's start, and the last of any."""
    rows = SchedulerTick.objects.filter(job=job)
    looks = [
        Sight(row.boot, row.began_at, row.uptime) for row in rows.order_by("-began_at")
    ]
    own = next((look for look in looks if look.boot == boot), None)
    return own, looks[0] if looks else None


def begin(job: str, look: Sight) -> None:
    SchedulerTick.objects.bulk_create(
        [SchedulerTick(job=job, boot=look.boot, began_at=look.at, uptime=look.uptime)],
        update_conflicts=True,
        unique_fields=["job", "boot"],
        # The end of the run before stands until this one has ended too.
        update_fields=["began_at", "uptime"],
    )


@transaction.atomic(savepoint=False)
def end(job: str, now: datetime) -> None:
    """In a transaction, which on SQLite waits for its turn in shorter naps."""
    SchedulerTick.objects.filter(job=job, boot=machine.boot()).update(ended_at=now)


@contextmanager
def kept(job: str) -> Iterator[None]:
    """Keeps that a job ran; one that was stopped on its way has no end."""
    begin(job, sight(clock.now()))
    yield
    end(job, clock.now())


def latest(job: str, now: datetime) -> SchedulerTick | None:
    """The run that ended last, as far as today's clock can be believed."""
    return ended(job, now).first()


def ended(job: str, now: datetime) -> QuerySet[SchedulerTick]:
    return SchedulerTick.objects.filter(job=job, ended_at__lte=now + AHEAD).order_by(
        "-ended_at"
    )
