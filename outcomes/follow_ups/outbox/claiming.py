"""The right to send: claimed from the outbox with a lease, by one worker at a time."""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Prefetch, QuerySet

from clinic.models import Clinic
from outcomes.follow_ups.outbox import objections, pauses, trail
from outcomes.follow_ups.sending_hours import Calendar
from outcomes.models import Intake, Message

State = Message.State
BATCH = 50
# No message is begun later in its lease, so that each has time to be recorded.
BEGIN_SHARE = 0.5
# The last tenth of a lease is not used for recording: somebody else may be next.
RECORDING_SHARE = 0.9
# What a look at whose message it is needs.
_WHOSE = ("request__patient__clinic", "request__patient__merged_into__clinic")
# SKIP LOCKED, so that two workers take different rows without waiting. The CTE keeps
# the planner from looking for rows again while it updates.
_POSTGRESQL = """
WITH due AS MATERIALIZED (
    SELECT id FROM outcomes_message
    WHERE clinic_id = %s AND channel = %s AND next_attempt_at <= %s
        AND state IN ('queued', 'retry_wait')
    ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE outcomes_message SET state = 'sending', lease = %s, lease_until = %s,
    attempts = attempts + 1, next_attempt_at = NULL
FROM due WHERE outcomes_message.id = due.id RETURNING outcomes_message.id
"""
# Knows no row locks: the transaction, which is IMMEDIATE, lets one worker in.
_SQLITE = """
UPDATE outcomes_message SET state = 'sending', lease = %s, lease_until = %s,
    attempts = attempts + 1, next_attempt_at = NULL
WHERE id IN (
    SELECT id FROM outcomes_message
    WHERE clinic_id = %s AND channel = %s AND next_attempt_at <= %s
        AND state IN ('queued', 'retry_wait')
    ORDER BY next_attempt_at LIMIT %s
) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send one message and to record what came of it."""

    message_id: UUID
    token: UUID
    length: timedelta
    began: float = field(default_factory=time.monotonic)
    # Tried to see whether a channel that was paused works again.
    is_probe: bool = False

    @property
    def may_begin(self) -> bool:
        return time.monotonic() < self._moment(BEGIN_SHARE)

    @property
    def records_until(self) -> float:
        return self._moment(RECORDING_SHARE)

    def _moment(self, share: float) -> float:
        return self.began + self.length.total_seconds() * share


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message with the right to send it."""

    lease: Lease
    message: Message


@dataclass(frozen=True, slots=True)
class Batch:
    claimed: Sequence[Claimed] = ()
    # Also those that turned out to have to wait.
    looked_at: int = 0


def whole(messages: QuerySet[Message]) -> QuerySet[Message]:
    """With whose they are and what words they need, so that none costs a query."""
    intakes = Intake.objects.only("request", "state")
    return messages.select_related(*_WHOSE).prefetch_related(
        Prefetch("request__intakes", queryset=intakes)
    )


def claim(message_id: UUID, now: datetime) -> Lease | None:
    """Take one message; None where another has it, or it is not to go now."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        return None
    mine = Message.objects.filter(
        pk=message_id, state__in=Message.CLAIMABLE, next_attempt_at__lte=now
    )
    batch = _claim(message.clinic_id, message.channel, now, 1, mine)
    return batch.claimed[0].lease if batch.claimed else None


def claim_due(clinic: Clinic, channel: str, now: datetime, most: int = BATCH) -> Batch:
    """Take up to so many of a clinic's messages that are due by this channel."""
    return _claim(clinic.pk, channel, now, most)


@transaction.atomic
def _claim(
    clinic_id: UUID,
    channel: str,
    now: datetime,
    most: int,
    mine: QuerySet[Message] | None = None,
) -> Batch:
    if pauses.is_clinic_paused(clinic_id):
        return Batch()
    pause = pauses.of(channel)
    if pause is not None:
        if not pauses.take_the_try(pause, now):
            return Batch()
        most = 1
    lease = Lease(uuid.UUID(int=0), uuid.uuid4(), settings.MESSAGE_LEASE)
    until = now + lease.length
    if mine is None:
        taken = _take_due(clinic_id, channel, now, most, lease.token, until)
    else:
        taken = _take(mine, lease.token, until)
    claimed = _sorted_out(taken, lease, now, is_probe=pause is not None)
    if claimed:
        trail.beginning(claimed[0].message).save()
    elif pause is not None:
        pauses.give_back_the_try(pause)
    return Batch(claimed, len(taken))


def _take(mine: QuerySet[Message], token: UUID, until: datetime) -> list[UUID]:
    """One conditional UPDATE whose row count is checked."""
    message_ids = list(mine.values_list("pk", flat=True))
    is_taken = mine.update(
        state=State.SENDING,
        lease=token,
        lease_until=until,
        attempts=F("attempts") + 1,
        next_attempt_at=None,
    )
    return message_ids if is_taken else []


def _take_due(
    clinic_id: UUID,
    channel: str,
    now: datetime,
    most: int,
    token: UUID,
    until: datetime,
) -> list[UUID]:
    """The longest waiting ones that no other worker is taking at this moment."""
    wanted = [stored("clinic", clinic_id), channel, stored("created_at", now), most]
    becomes = [stored("lease", token), stored("lease_until", until)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, [*wanted, *becomes])
        else:
            cursor.execute(_SQLITE, [*becomes, *wanted])
        return [UUID(str(row[0])) for row in cursor.fetchall()]


def stored(name: str, value: object) -> Any:
    """As this database keeps such a column."""
    field: Any = Message._meta.get_field(name)
    return field.get_db_prep_value(value, connection)


def _sorted_out(
    taken: Iterable[UUID], lease: Lease, now: datetime, *, is_probe: bool
) -> list[Claimed]:
    """Those that may go now; the others wait for the hold's end or the next hour."""
    found = whole(Message.objects.filter(pk__in=list(taken)))
    claimed, waiting = [], []
    calendar: Calendar | None = None
    for message in found.order_by("created_at"):
        # All are of one clinic.
        calendar = calendar or Calendar.of(message.request.person.clinic)
        wait = objections.not_now(message, calendar, now)
        if wait is None:
            own = Lease(message.pk, lease.token, lease.length, lease.began, is_probe)
            claimed.append(Claimed(own, message))
        else:
            message.next_attempt_at, message.error = wait
            waiting.append(message)
    put_back(waiting, lease.token)
    return claimed


def put_back(messages: Sequence[Message], token: UUID) -> None:
    """As if they had not been claimed; in one statement, if the lease still holds.

    Each says itself when it is looked at next.
    """
    for message in messages:
        message.attempts -= 1
        message.state = State.RETRY_WAIT if message.attempts else State.QUEUED
        message.lease = message.lease_until = None
    if messages:
        Message.objects.filter(state=State.SENDING, lease=token).bulk_update(
            messages,
            ["state", "attempts", "lease", "lease_until", "next_attempt_at", "error"],
        )
