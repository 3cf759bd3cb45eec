"""Hands messages over, each after one more look, never inside a transaction."""

import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from types import ModuleType
from uuid import UUID

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import email, sms
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.guard import machine
from outcomes.follow_ups.outbox import (
    checking,
    claiming,
    doubts,
    journal,
    leftovers,
    objections,
    recording,
)
from outcomes.follow_ups.outbox.claiming import Claimed, Lease
from outcomes.follow_ups.outbox.journal import Journal
from outcomes.follow_ups.outbox.objections import Standing
from outcomes.follow_ups.outbox.recording import Done
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
STOPPED = Outcome(Verdict.KEPT_BACK, "the one before it stopped the batch")
NOT_OURS = Outcome(Verdict.WAITS, "its lease is another's")
# So many are looked at, begun and recorded together, where they are handed over as fast
# as they should be: no look is older when a message goes.
TOGETHER = 20
LOOK_SECONDS = 0.25


class Pace:
    """How many messages are taken together; one, until it is known how fast they go."""

    together = 1

    def learn(self, seconds: float, count: int) -> None:
        fitting = int(LOOK_SECONDS * count / max(seconds, 0.001))
        self.together = max(1, min(TOGETHER, fitting))


def deliver(message_id: UUID) -> str | None:
    """Claim and send; the state it ended in, or None where it was not ours to send."""
    lease = claiming.claim(message_id, clock.now())
    return send(lease) if lease else None


def send(lease: Lease) -> str | None:
    """Look once more, hand over, record; the state, or None without the lease."""
    message = claiming.whole(Message.objects.all()).get(pk=lease.message_id)
    until = machine.uptime() + SECONDS
    with journal.kept() as kept:
        states = _send_batch([Claimed(lease, message)], Pace(), kept, until)
    return states.get(message.pk)


def send_due(clinic: Clinic, channel: str, seconds: float = SECONDS) -> int:
    """Claim and send until nothing is due or the time is over; returns how many."""
    until = machine.uptime() + seconds
    sent, pace = 0, Pace()
    leftovers.take_up()
    with _session(channel), journal.kept() as kept:
        while machine.uptime() < until:
            now = clock.now()
            batch = claiming.claim_due(clinic, channel, now, begins=pace.together)
            if not batch.looked_at:
                break
            sent += len(_send_batch(batch.claimed, pace, kept, until))
    return sent


def _session(channel: str) -> contextlib.AbstractContextManager[None]:
    opened = getattr(CHANNELS[channel], "session", contextlib.nullcontext)
    session: contextlib.AbstractContextManager[None] = opened()
    return session


def _send_batch(
    claimed: Sequence[Claimed], pace: Pace, kept: Journal, until: float
) -> dict[UUID, str]:
    """The states they ended in; what was not begun is handed back.

    Stops where the time is over, the lease is half used, or the provider is down.
    """
    begun, waiting = deque(claimed[: pace.together]), deque(claimed[pace.together :])
    states: dict[UUID, str] = {}
    while begun:
        kept.begin(begun)
        done, goes_on = _hand_over_some(begun, pace, kept, until)
        following = []
        if not goes_on:
            done += [Done(one.lease, STOPPED) for one in begun]
            begun.clear()
        elif not begun:
            some = min(pace.together, len(waiting))
            following = [waiting.popleft() for _ in range(some)]
        recorded = recording.record(done, [one.message for one in following])
        kept.recorded()
        states |= recorded
        if len(recorded) < len(done):
            # A lease is another's by now, and so may be those of the whole claim.
            recording.record([Done(one.lease, STOPPED) for one in begun])
            waiting.extendleft(reversed(following))
            break
        begun.extend(following)
    recording.hand_back(waiting)
    return states


def _hand_over_some(
    begun: deque[Claimed], pace: Pace, kept: Journal, until: float
) -> tuple[list[Done], bool]:
    """As many as one look at them holds for, and whether to go on after them."""
    looked_at = machine.uptime()
    standings = checking.look(begun)
    done: list[Done] = []
    while begun and (not done or machine.uptime() - looked_at < LOOK_SECONDS):
        one = begun.popleft()
        standing = standings.get(one.lease.message_id)
        if standing is None:
            kept.note(Done(one.lease, NOT_OURS))
            return done, False
        result = Done(one.lease, _hand_over(one.lease, standing), standing)
        kept.note(result)
        done.append(result)
        if _stops(result, until):
            return done, False
    pace.learn(machine.uptime() - looked_at, len(done))
    return done, True


def _stops(result: Done, until: float) -> bool:
    return (
        result.outcome.stops_channel
        or result.outcome.verdict == Verdict.KEPT_BACK
        or not result.lease.may_begin
        or machine.uptime() > until
    )


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
