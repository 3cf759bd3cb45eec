"""The right to send: claimed from the outbox with a lease, by one worker at a time."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from clinic import bulk, prepared
from clinic.models import Clinic
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.outbox import objections, pauses, trail
from outcomes.follow_ups.planning.sending_hours import Calendar
from outcomes.models import Message

State = Message.State
BATCH = 100
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
    began: float = field(default_factory=machine.uptime)
    # Tried to see whether a channel that was paused works again.
    is_probe: bool = False

    @property
    def may_begin(self) -> bool:
        return machine.uptime() < self._moment(BEGIN_SHARE)

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
    """With whose they are, so that none costs a query."""
    return messages.select_related(*_WHOSE)


def claim(message_id: UUID, now: datetime) -> Lease | None:
    """Take one message; None where another has it, or it is not to go now."""
    message = Message.objects.filter(pk=message_id).select_related("clinic").first()
    if message is None:
        return None
    mine = Message.objects.filter(
        pk=message_id, state__in=Message.CLAIMABLE, next_attempt_at__lte=now
    )
    batch = _claim(message.clinic, message.channel, now, 1, 1, mine)
    return batch.claimed[0].lease if batch.claimed else None


def claim_due(
    clinic: Clinic, channel: str, now: datetime, most: int = BATCH, begins: int = 1
) -> Batch:
    """Take up to so many of a clinic's messages that are due by this channel.

    The first few are begun with it, which whoever claims them hands over next.
    """
    return _claim(clinic, channel, now, most, begins)


@transaction.atomic
def _claim(
    clinic: Clinic,
    channel: str,
    now: datetime,
    most: int,
    begins: int,
    mine: QuerySet[Message] | None = None,
) -> Batch:
    if pauses.is_clinic_paused(clinic.pk):
        return Batch()
    stopping = pauses.of(channel, clinic)
    if stopping:
        if not pauses.take_the_try(stopping, now):
            return Batch()
        most = 1
    lease = Lease(uuid.UUID(int=0), uuid.uuid4(), settings.MESSAGE_LEASE)
    until = now + lease.length
    if mine is None:
        taken = _take_due(clinic.pk, channel, now, most, lease.token, until)
    else:
        taken = _take(mine, lease.token, until)
    claimed = _sorted_out(clinic.pk, taken, lease, now, is_probe=bool(stopping))
    if claimed:
        trail.write([trail.beginning(one.message) for one in claimed[:begins]])
    else:
        pauses.give_back_the_try(stopping)
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
    wanted = [bulk.stored(clinic_id), channel, bulk.stored(now), most]
    becomes = [bulk.stored(token), bulk.stored(until)]
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, [*wanted, *becomes])
        else:
            cursor.execute(_SQLITE, [*becomes, *wanted])
        return [UUID(str(row[0])) for row in cursor.fetchall()]


def _sorted_out(
    clinic_id: UUID,
    taken: Sequence[UUID],
    lease: Lease,
    now: datetime,
    *,
    is_probe: bool,
) -> list[Claimed]:
    """Those that may go now; the others wait for the hold's end or the next hour."""
    if not taken:
        return []
    clinic = Clinic.objects.get(pk=clinic_id)
    calendar = Calendar.of(clinic)
    claimed, waiting = [], []
    for message in _in_order(clinic, taken):
        wait = objections.not_now(message, calendar, now)
        if wait is None:
            own = Lease(message.pk, lease.token, lease.length, lease.began, is_probe)
            claimed.append(Claimed(own, message))
        else:
            message.next_attempt_at, message.error = wait
            waiting.append(message)
    put_back(waiting, lease.token)
    return claimed


def _in_order(clinic: Clinic, taken: Iterable[UUID]) -> Iterator[Message]:
    """As `whole`, but for the clinic, which is the same for all of them."""
    found = Message.objects.filter(pk__in=list(taken)).order_by("created_at")
    for message in found.select_related("request__patient__merged_into"):
        patient = message.request.patient
        patient.clinic = patient.kept.clinic = clinic
        yield message


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
