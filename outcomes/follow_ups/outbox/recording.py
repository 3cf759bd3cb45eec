"""What came of a message that was claimed, written while its lease is held."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection, transaction

from clinic import bulk, clock, prepared
from outcomes.follow_ups import whereto
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.outbox import (
    checking,
    claiming,
    doubts,
    objections,
    pauses,
    retrying,
    trail,
)
from outcomes.follow_ups.outbox.claiming import Claimed, Lease
from outcomes.follow_ups.outbox.objections import Standing
from outcomes.models import Message

logger = logging.getLogger(__name__)

State = Message.State
# Written out, for it is done once a message: to have the same composed each time takes
# longer than to do it.
_ACCEPT = """
UPDATE outcomes_message SET state = 'accepted', error = %s, provider_ref = %s,
    accepted_at = %s, sent_to = %s,
    lease = NULL, lease_until = NULL, next_attempt_at = NULL
WHERE id = %s AND state = 'sending' AND lease = %s
"""
# These say nothing of the provider: the next message may try it.
NOT_TRIED = (Verdict.WAITS, Verdict.UNWANTED, Verdict.KEPT_BACK)


def record_while_leased(
    lease: Lease, outcome: Outcome, standing: Standing, following: Message | None
) -> str | None:
    """Repeat the commit while the lease lasts: giving up would send a second copy."""
    pause = 0.05
    while True:
        try:
            return record(lease, outcome, standing, following)
        except (DatabaseError, InterfaceError):
            is_late = time.monotonic() + pause > lease.records_until
            if connection.in_atomic_block or is_late:
                raise
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)


@transaction.atomic
def record(
    lease: Lease,
    outcome: Outcome,
    standing: Standing | None = None,
    following: Message | None = None,
) -> str | None:
    """Write what came of it, if the lease is still held; the state it is in then.

    `following` is handed over next: that it is begun costs no statement of its own.
    """
    if standing and outcome.verdict == Verdict.ACCEPTED:
        state = _accepted(lease, outcome, standing, following)
    else:
        state = _settled(lease, outcome, standing, following)
    if state is None:
        logger.warning("message %s: lease lost before recording", lease.message_id)
    return state


def _accepted(
    lease: Lease, outcome: Outcome, standing: Standing, following: Message | None
) -> str | None:
    """What nearly all of them come to, in two statements."""
    message = standing.message
    now = clock.now()
    becomes = [outcome.detail, outcome.provider_ref, now, _sent_to(standing)]
    mine = [message.pk, lease.token]
    with prepared.cursor() as cursor:
        cursor.execute(_ACCEPT, [bulk.stored(value) for value in (*becomes, *mine)])
        if not cursor.rowcount:
            return None
        trail.add(
            cursor,
            trail.Entry(message, State.ACCEPTED, outcome.detail),
            *([trail.beginning(following)] if following else []),
        )
    if standing.has_doubts:
        doubts.take_back(message)
    if lease.is_probe:
        pauses.lift(message.channel, message.request.person.clinic)
    return State.ACCEPTED


def _sent_to(standing: Standing) -> str:
    clinic = standing.person.clinic
    return whereto.of(standing.message.channel, standing.address, clinic.zone)


def _settled(
    lease: Lease,
    outcome: Outcome,
    standing: Standing | None,
    following: Message | None,
) -> str | None:
    """The same for whatever came of it, upon the row as it is now."""
    message = _held(lease)
    if message is None:
        return None
    if outcome.blames_address and standing:
        reach.give_up_on(
            message.request.person, message.channel, standing.address, outcome.detail
        )
    if outcome.verdict == Verdict.UNCERTAIN and standing:
        # It may have arrived.
        held = Message.objects.filter(pk=message.pk)
        held.update(sent_to=_sent_to(standing))
    state = _apply(message, lease, outcome, clock.now())
    if following:
        trail.write(trail.beginning(following))
    if lease.is_probe:
        _learn(message, outcome)
    return state


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
    standing = checking.look(Claimed(lease, message))
    answer = objections.answer(standing, now) if standing else None
    return answer.until if isinstance(answer, objections.Wait) else now


def _retry(message: Message, outcome: Outcome, now: datetime) -> str | None:
    wait = retrying.wait_after(message.attempts, outcome.retry_after)
    if wait is None or retrying.is_too_old(trail.tried_since(message), now):
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
