"""What came of a message that was claimed, written while its lease is held."""

import functools
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction

from clinic import bulk, clock, prepared
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.outbox import (
    checking,
    claiming,
    doubts,
    objections,
    pauses,
    retrying,
    trail,
    whereto,
)
from outcomes.follow_ups.outbox.claiming import Claimed, Lease
from outcomes.follow_ups.outbox.objections import Standing
from outcomes.models import Message

logger = logging.getLogger(__name__)

State = Message.State
Written = TypeVar("Written")
# Written out, for it is done all the time: to have the same composed each time takes
# longer than to do it.
_ACCEPT = """
WITH given (id, detail, provider_ref, sent_to) AS (VALUES {given})
UPDATE outcomes_message SET state = 'accepted', error = given.detail,
    provider_ref = given.provider_ref, sent_to = given.sent_to, accepted_at = %s,
    lease = NULL, lease_until = NULL, next_attempt_at = NULL
FROM given WHERE outcomes_message.id = given.id
    AND outcomes_message.state = 'sending' AND outcomes_message.lease = %s
RETURNING outcomes_message.id
"""
# These say nothing of the provider: the next message may try it.
NOT_TRIED = (Verdict.WAITS, Verdict.UNWANTED, Verdict.KEPT_BACK)


@dataclass(frozen=True)
class Done:
    """What came of a message, and how it stood when it was handed over, if it was."""

    lease: Lease
    outcome: Outcome
    standing: Standing | None = None

    @property
    def is_plain(self) -> bool:
        """What nearly all of them are: taken, and nothing else follows from it."""
        standing = self.standing
        is_taken = self.outcome.verdict == Verdict.ACCEPTED
        is_alone = standing is not None and not standing.has_doubts
        return is_taken and is_alone and not self.lease.is_probe

    @property
    def survey_id(self) -> UUID | None:
        """What is said of one of its messages is said before the next one."""
        return self.standing.message.request_id if self.standing else None

    @functools.cached_property
    def sent_to(self) -> str:
        if self.standing is None:
            return ""
        zone = self.standing.person.clinic.zone
        channel = self.standing.message.channel
        return whereto.of(channel, self.standing.address, zone)


def record(done: Sequence[Done], following: Sequence[Message] = ()) -> dict[UUID, str]:
    """Write what came of messages of one claim; the states of those still held.

    `following` are handed over next: that they are begun costs no commit of its own,
    and is not written where a lease turned out to be lost.
    """
    told = {one.survey_id for one in done if not one.is_plain}
    plain: list[Done] = []
    others: list[Done] = []
    for one in done:
        is_alone = one.is_plain and one.survey_id not in told
        (plain if is_alone else others).append(one)
    until = min((one.lease.records_until for one in done), default=0.0)
    states = _repeated(lambda: _go_on(plain, following), until)
    for one in others:
        states |= _repeated(functools.partial(_settle, one), until)
    for one in done:
        if one.lease.message_id not in states:
            lost = one.lease.message_id
            logger.warning("message %s: lease lost before recording", lost)
    return states


def _repeated(commit: Callable[[], Written], until: float) -> Written:
    """While the lease lasts: giving up would send a second copy."""
    pause = 0.05
    while True:
        try:
            return commit()
        except (DatabaseError, InterfaceError):
            if connection.in_atomic_block or machine.uptime() + pause > until:
                raise
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)


@transaction.atomic
def _go_on(plain: Sequence[Done], following: Sequence[Message]) -> dict[UUID, str]:
    """What was taken, and what is begun with its record."""
    held = _accepted(plain) if plain else set()
    entries = [
        trail.Entry(one.standing.message, State.ACCEPTED, one.outcome.detail)
        for one in plain
        if one.standing and one.lease.message_id in held
    ]
    if len(held) == len(plain):
        entries += [trail.beginning(message) for message in following]
    if entries:
        trail.write(entries)
    return dict.fromkeys(held, State.ACCEPTED)


def _accepted(plain: Sequence[Done]) -> set[UUID]:
    """The ids of those whose lease was held."""
    values: list[Any] = []
    for one in plain:
        outcome = one.outcome
        message_id = bulk.stored(one.lease.message_id)
        values += [message_id, outcome.detail, outcome.provider_ref, one.sent_to]
    values += [bulk.stored(clock.now()), bulk.stored(plain[0].lease.token)]
    with prepared.cursor() as cursor:
        cursor.execute(_accept(len(plain)), values)
        return {UUID(str(row[0])) for row in cursor.fetchall()}


@functools.cache
def _accept(count: int) -> str:
    is_typed = connection.vendor == "postgresql"
    row = "(%s::uuid, %s::text, %s::text, %s::text)" if is_typed else "(%s, %s, %s, %s)"
    return _ACCEPT.format(given=", ".join([row] * count))


@transaction.atomic
def _settle(done: Done) -> dict[UUID, str]:
    """Whatever else came of one, upon the row as it is now."""
    lease, outcome, standing = done.lease, done.outcome, done.standing
    message = _held(lease)
    if message is None:
        return {}
    if outcome.blames_address and standing:
        reach.give_up_on(
            message.request.person, message.channel, standing.address, outcome.detail
        )
    if outcome.verdict in (Verdict.UNCERTAIN, Verdict.ACCEPTED) and standing:
        # It may have arrived.
        Message.objects.filter(pk=message.pk).update(sent_to=done.sent_to)
    state = _apply(message, lease, outcome, clock.now())
    if lease.is_probe:
        _learn(message, outcome)
    return {} if state is None else {message.pk: state}


def _learn(message: Message, outcome: Outcome) -> None:
    """What the try of a paused channel has shown."""
    clinic = message.request.person.clinic
    if outcome.verdict in NOT_TRIED:
        pauses.leave_the_try(message.channel, clinic)
    elif outcome.verdict == Verdict.ACCEPTED or (
        outcome.is_answer and not outcome.stops_channel
    ):
        pauses.lift(message.channel, clinic)


def _held(lease: Lease) -> Message | None:
    held = Message.objects.filter(
        pk=lease.message_id, state=State.SENDING, lease=lease.token
    )
    return claiming.whole(held).select_for_update(of=("self",)).first()


def _apply(
    message: Message, lease: Lease, outcome: Outcome, now: datetime
) -> str | None:
    match outcome.verdict:
        case Verdict.WAITS:
            return _wait(message, outcome.detail, _until(message, lease, now))
        case Verdict.KEPT_BACK:
            return _wait(message, f"{trail.KEPT_BACK}{outcome.detail}", now)
        case Verdict.CHANNEL_DOWN:
            _stop(message, outcome)
            return _wait(message, f"{trail.KEPT_BACK}{outcome.detail}", now)
        case Verdict.UNWANTED:
            if outcome.detail == objections.NO_ADDRESS:
                doubts.tell_staff(message, outcome.detail)
            return trail.move(message, State.CANCELLED, outcome.detail)
        case _:
            return _tried(message, outcome, now)


def _stop(message: Message, outcome: Outcome) -> None:
    clinic = message.request.person.clinic if outcome.blames_sender else None
    pauses.pause(message.channel, outcome.detail, clinic, asked_for=outcome.retry_after)
    if clinic is not None:
        pauses.lift_of_all(message.channel)


def _tried(message: Message, outcome: Outcome, now: datetime) -> str | None:
    match outcome.verdict:
        case Verdict.ACCEPTED:
            doubts.take_back(message)
            reference = outcome.provider_ref
            return trail.move(
                message,
                State.ACCEPTED,
                outcome.detail,
                provider_ref=reference,
                accepted_at=now,
            )
        case Verdict.UNCERTAIN:
            again = now + pauses.CHANNEL_PAUSE
            return doubts.doubt(message, outcome.detail, again=again)
        case Verdict.TRY_LATER:
            if outcome.retry_after:
                _stop(message, outcome)
            return _retry(message, outcome, now)
        case _:
            return _give_up(message, State.FAILED, outcome.detail)


def _wait(message: Message, detail: str, until: datetime) -> str | None:
    """Nothing was tried that counts."""
    return trail.move(
        message,
        State.RETRY_WAIT,
        detail,
        next_attempt_at=until,
        attempts=message.attempts - 1,
    )


def _until(message: Message, lease: Lease, now: datetime) -> datetime:
    """Asked anew: a hold that ended meanwhile found no waiting message to wake."""
    standing = checking.look([Claimed(lease, message)]).get(message.pk)
    answer = objections.answer(standing, now) if standing else None
    return answer.until if isinstance(answer, objections.Wait) else now


def _retry(message: Message, outcome: Outcome, now: datetime) -> str | None:
    wait = retrying.wait_after(message.attempts, outcome.retry_after)
    if wait is None or retrying.is_too_old(trail.tried_for(message, now)):
        return _give_up(message, State.DEAD, outcome.detail)
    return trail.move(
        message, State.RETRY_WAIT, outcome.detail, next_attempt_at=now + wait
    )


def _give_up(message: Message, state: str, detail: str) -> str | None:
    doubts.tell_staff(message, detail)
    return trail.move(message, state, detail)


def hand_back(rest: Sequence[Claimed]) -> None:
    """Let others take what this worker claimed and did not begin."""
    now = clock.now()
    for one in rest:
        one.message.next_attempt_at = now
    if rest:
        claiming.put_back([one.message for one in rest], rest[0].lease.token)
