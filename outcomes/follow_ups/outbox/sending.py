"""Hands messages over, each after one more look, never inside a transaction."""

import contextlib
import logging
import time
from collections import deque
from collections.abc import Sequence
from types import ModuleType
from uuid import UUID

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import email, sms
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.outbox import (
    checking,
    claiming,
    doubts,
    objections,
    recording,
)
from outcomes.follow_ups.outbox.claiming import Claimed, Lease
from outcomes.follow_ups.outbox.objections import Standing
from outcomes.models import Message

logger = logging.getLogger(__name__)

# What hands a message over: `send(message, address) -> Outcome`. One that keeps its
# connection over several has a `session()`; one whose provider can be asked whether it
# has a message has `was_sent(message) -> bool | None`.
# A letter is printed by a person, who says when it is sent.
CHANNELS: dict[str, ModuleType] = {
    Message.Channel.EMAIL: email,
    Message.Channel.SMS: sms,
}
# What is claimed last is still recorded within SENDING_TIME_LIMIT.
SECONDS = 55.0
NO_TIME = "too little of the lease was left"
ASKED_IN_VAIN = "the provider could not be asked whether it has it"
FOUND_THERE = "the provider had it already"


def deliver(message_id: UUID) -> str | None:
    """Claim and send; the state it ended in, or None where it was not ours to send."""
    lease = claiming.claim(message_id, clock.now())
    return send(lease) if lease else None


def send(lease: Lease) -> str | None:
    """Look once more, hand over, record; the state, or None without the lease."""
    message = claiming.whole(Message.objects.all()).get(pk=lease.message_id)
    return _send(Claimed(lease, message), None)[0]


def send_due(clinic: Clinic, channel: str, seconds: float = SECONDS) -> int:
    """Claim and send until nothing is due or the time is over; returns how many."""
    until = time.monotonic() + seconds
    sent = 0
    with _session(channel):
        while time.monotonic() < until:
            batch = claiming.claim_due(clinic, channel, clock.now())
            if not batch.looked_at:
                break
            sent += _send_batch(batch.claimed, until)
    return sent


def _session(channel: str) -> contextlib.AbstractContextManager[None]:
    opened = getattr(CHANNELS[channel], "session", contextlib.nullcontext)
    session: contextlib.AbstractContextManager[None] = opened()
    return session


def _send_batch(claimed: Sequence[Claimed], until: float) -> int:
    """Stops where the time is over, the lease is half used, or the provider is down."""
    rest, begun = deque(claimed), 0
    while rest:
        one = rest.popleft()
        state, goes_on = _send(one, rest[0] if rest else None, until)
        begun += state is not None
        if not goes_on:
            break
    recording.hand_back(rest)
    return begun


def _send(
    one: Claimed, next_one: Claimed | None, until: float = 0
) -> tuple[str | None, bool]:
    """The state it ended in, and whether the next one was begun with recording it."""
    standing = checking.look(one)
    if standing is None:
        return None, False
    outcome = _hand_over(one.lease, standing)
    goes_on = (
        next_one is not None
        and not outcome.stops_channel
        and outcome.verdict != Verdict.KEPT_BACK
        and one.lease.may_begin
        and time.monotonic() < until
    )
    following = next_one.message if next_one and goes_on else None
    state = recording.record_while_leased(one.lease, outcome, standing, following)
    return state, goes_on and state is not None


def _hand_over(lease: Lease, standing: Standing) -> Outcome:
    if not lease.may_begin:
        return Outcome(Verdict.KEPT_BACK, NO_TIME)
    match objections.answer(standing, clock.now()):
        case objections.Withdraw(reason):
            return Outcome(Verdict.UNWANTED, reason)
        case objections.Wait(reason):
            return Outcome(Verdict.WAITS, reason)
        case objections.Send(address):
            return _attempt(standing.message, address)


def _attempt(message: Message, address: str) -> Outcome:
    channel = CHANNELS[message.channel]
    try:
        found = _outcome_of_doubt(channel, message)
        result: Outcome = found or channel.send(message, address)
    except Exception as error:
        # Its text may hold an address. Whether the message went, nobody knows.
        name = type(error).__name__
        logger.error("message %s: %s", message.pk, name)
        return Outcome(Verdict.UNCERTAIN, f"failed with {name}")
    return result


def _outcome_of_doubt(channel: ModuleType, message: Message) -> Outcome | None:
    """What the provider says of one that may have gone already; None to send it."""
    was_sent = getattr(channel, "was_sent", None)
    if was_sent is None or message.attempts < 2 or not doubts.was_uncertain(message):
        return None
    match was_sent(message):
        case True:
            return Outcome(Verdict.ACCEPTED, FOUND_THERE)
        case None:
            return Outcome(Verdict.TRY_LATER, ASKED_IN_VAIN)
        case _:
            return None
