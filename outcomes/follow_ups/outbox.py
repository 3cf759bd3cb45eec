"""Hands messages over: claimed with a lease, sent outside transactions, recorded.

A message is handed over at least once. Twice only if a process dies between the mail
server's yes and our record of it; both copies carry one link and one Message-ID.
"""

import logging
import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, QuerySet

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups import calendar, sending_hours, tokens
from outcomes.follow_ups.channels import email, reach
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.models import FollowUp, Intake, Message, MessageEvent, SurveyRequest

logger = logging.getLogger(__name__)

State = Message.State
UNDELIVERED = (State.FAILED, State.DEAD, State.CANCELLED)
MESSAGES_A_TICK = 500
LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
JITTER = 0.2
MAX_AGE = timedelta(hours=72)
# The mail server refuses us, not the patient's address: no attempt is used up.
CHANNEL_PAUSE = timedelta(minutes=15)
NO_ADDRESS = "no address or number with consent"
# What hands a message over: `send(message, address) -> Outcome`.
CHANNELS = {Message.Channel.EMAIL: email}
TWICE_UNCERTAIN = "uncertain twice"
REPLACED = "replaced by a new link"
ON_HOLD = calendar.ON_HOLD
AFTER_HOLD = "after the hold"
# The last tenth of a lease is not used for recording: somebody else may be next.
RECORDING_SHARE = 0.9
# What a look at whose message it is needs.
WHOSE = ("request__patient__clinic", "request__patient__merged_into__clinic")
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send one message and to record what came of it."""

    message_id: UUID
    token: UUID
    length: timedelta


def due(clinic: Clinic, now: datetime, limit: int = MESSAGES_A_TICK) -> list[UUID]:
    """Messages to send now, longest waiting first."""
    return list(
        Message.objects.filter(
            clinic=clinic, next_attempt_at__lte=now, state__in=Message.CLAIMABLE
        )
        .order_by("next_attempt_at")
        .values_list("pk", flat=True)[:limit]
    )


def deliver(message_id: UUID) -> str | None:
    """Claim and send; the state it ended in, or None where it was not ours to send."""
    lease = claim(message_id, clock.now())
    return send(lease) if lease else None


def claim(message_id: UUID, now: datetime) -> Lease | None:
    """Take a message for MESSAGE_LEASE; None where another has it or it is too early.

    One conditional UPDATE whose row count is checked: SQLite has no SKIP LOCKED and
    ignores row locks without a word.
    """
    mine = Message.objects.filter(
        pk=message_id, state__in=Message.CLAIMABLE, next_attempt_at__lte=now
    )
    if not _may_go_now(mine, now):
        return None
    lease = Lease(message_id, uuid.uuid4(), settings.MESSAGE_LEASE)
    with transaction.atomic():
        claimed = mine.update(
            state=State.SENDING,
            lease=lease.token,
            lease_until=now + lease.length,
            attempts=F("attempts") + 1,
            next_attempt_at=None,
        )
        if claimed:
            message = Message.objects.get(pk=message_id)
            was_held = message.error == ON_HOLD
            log(message, State.SENDING, AFTER_HOLD if was_held else "")
    return lease if claimed else None


def _may_go_now(mine: QuerySet[Message], now: datetime) -> bool:
    """Moves the message to the hold's end, or to the next sending hour."""
    message = mine.select_related(*WHOSE).first()
    if message is None:
        return False
    person = message.request.person
    if person.is_on_hold:
        mine.update(next_attempt_at=sending_hours.resumes_at(person), error=ON_HOLD)
        return False
    hours = sending_hours.of(person)
    if not hours.contains(now):
        mine.update(next_attempt_at=hours.next_opening(now))
        return False
    return True


def send(lease: Lease) -> str | None:
    """Look once more, hand over, record; the state, or None where the lease was lost.

    Never inside a transaction: a mail server may take half a minute.
    """
    started = time.monotonic()
    message = Message.objects.select_related(*WHOSE).get(pk=lease.message_id)
    address = reach.address_of(message.request.person, message.channel)
    objection = objection_to(message, address)
    if not objection and message.request.person.is_on_hold:
        outcome = Outcome(Verdict.ON_HOLD)
    elif objection:
        outcome = Outcome(Verdict.UNWANTED, objection)
    else:
        outcome = CHANNELS[Message.Channel(message.channel)].send(message, address)
    return _record_while_leased(lease, outcome, started)


def objection_to(message: Message, address: str) -> str:
    """Why the message is not to go any more, as things stand at this moment."""
    request = message.request
    if not request.person.is_in_follow_up:
        return "the patient left follow-up"
    if request.state != SurveyRequest.State.OPEN:
        return "the survey closed"
    if not has_questions(request):
        return "nothing is left to ask"
    if not tokens.is_live(message):
        return REPLACED
    return "" if address else NO_ADDRESS


def has_questions(request: SurveyRequest) -> bool:
    """Whether something it asks is neither answered nor over."""
    return (
        request.follow_ups.exclude(state__in=FollowUp.FINAL).exists()
        or request.intakes.filter(state__in=Intake.OPEN).exists()
    )


def _record_while_leased(lease: Lease, outcome: Outcome, started: float) -> str | None:
    """Repeat the commit while the lease lasts: giving up would send a second copy."""
    until = started + lease.length.total_seconds() * RECORDING_SHARE
    pause = 0.05
    while True:
        try:
            return _record(lease, outcome)
        except (DatabaseError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() + pause > until:
                raise
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)


@transaction.atomic
def _record(lease: Lease, outcome: Outcome) -> str | None:
    """Write what came of it, if the lease is still held."""
    message = Message.objects.select_for_update().get(pk=lease.message_id)
    if (message.state, message.lease) != (State.SENDING, lease.token):
        logger.warning("message %s: lease lost before recording", message.pk)
        return None
    return _apply(message, outcome, clock.now())


def _apply(message: Message, outcome: Outcome, now: datetime) -> str | None:
    match outcome.verdict:
        case Verdict.ACCEPTED:
            _take_back_doubts(message)
            return _move(message, State.ACCEPTED, accepted_at=now)
        case Verdict.UNWANTED | Verdict.ON_HOLD:
            return _not_sent(message, outcome, now)
        case Verdict.REFUSED:
            return _give_up(message, State.FAILED, outcome.detail, now)
        case Verdict.UNCERTAIN:
            return _doubt(message, outcome.detail, now, now + CHANNEL_PAUSE)
        case Verdict.CHANNEL_DOWN:
            return _retry(message, outcome.detail, now, CHANNEL_PAUSE, used=0)
        case Verdict.TRY_LATER:
            return _retry(message, outcome.detail, now, _rung(message.attempts), used=1)


def _not_sent(message: Message, outcome: Outcome, now: datetime) -> str | None:
    """Nothing was tried. On hold, it goes when that is over, which it may be by now."""
    if outcome.verdict == Verdict.UNWANTED:
        if outcome.detail == NO_ADDRESS:
            _tell_staff(message, NO_ADDRESS, is_unreachable=True)
        return _move(message, State.CANCELLED, outcome.detail)
    return _move(
        message,
        State.RETRY_WAIT,
        ON_HOLD,
        next_attempt_at=sending_hours.resumes_at(message.request.person) or now,
        attempts=message.attempts - 1,
    )


def _rung(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None when they are used up."""
    if attempts > len(LADDER):
        return None
    return LADDER[attempts - 1] * _random.uniform(1 - JITTER, 1 + JITTER)


def _retry(
    message: Message, detail: str, now: datetime, wait: timedelta | None, *, used: int
) -> str | None:
    if wait is None or now - _begun_at(message) > MAX_AGE:
        return _give_up(message, State.DEAD, detail, now)
    return _move(
        message,
        State.RETRY_WAIT,
        detail,
        next_attempt_at=now + wait,
        attempts=message.attempts - (1 - used),
    )


def _begun_at(message: Message) -> datetime:
    """Since when it has been tried: the days of a hold do not count."""
    after_hold = message.events.filter(state=State.SENDING, detail=AFTER_HOLD).last()
    return after_hold.at if after_hold else message.created_at


def _doubt(message: Message, detail: str, now: datetime, again: datetime) -> str | None:
    """It may have gone: once more, and if that is unclear too, a person decides."""
    was_uncertain = message.events.filter(state=State.UNCERTAIN).exists()
    log(message, State.UNCERTAIN, detail)
    if not was_uncertain:
        return _move(message, State.QUEUED, detail, next_attempt_at=again)
    _tell_staff(message, TWICE_UNCERTAIN, is_unreachable=False)
    return _move(message, State.FAILED, TWICE_UNCERTAIN)


def _give_up(message: Message, state: State, detail: str, now: datetime) -> str | None:
    has_arrived = Message.objects.filter(
        request=message.request_id, state=State.ACCEPTED
    )
    _tell_staff(message, detail, is_unreachable=not has_arrived.exists())
    return _move(message, state, detail)


def _tell_staff(message: Message, detail: str, *, is_unreachable: bool) -> None:
    """Put the reason on the worklist; what is begun has reached its patient."""
    reason = f"e-mail not delivered: {detail}"
    asked = FollowUp.objects.filter(
        request=message.request_id, state=FollowUp.State.OPEN
    )
    asked.update(
        state_reason=reason,
        state=FollowUp.State.UNREACHABLE if is_unreachable else FollowUp.State.OPEN,
    )
    if is_unreachable:
        Intake.objects.filter(
            request=message.request_id, state=Intake.State.ASKED
        ).update(state_reason=reason)


def _take_back_doubts(message: Message) -> None:
    """What an earlier message could not reach was reached by this one."""
    FollowUp.objects.filter(
        request=message.request_id,
        state__in=(FollowUp.State.OPEN, FollowUp.State.UNREACHABLE),
    ).update(state=FollowUp.State.OPEN, state_reason="")
    Intake.objects.filter(request=message.request_id, state__in=Intake.OPEN).update(
        state_reason=""
    )


def _move(
    message: Message, state: State, detail: str = "", **changes: object
) -> str | None:
    """The one place a claimed message leaves its claim; checked by its lease."""
    moved = Message.objects.filter(
        pk=message.pk, state=State.SENDING, lease=message.lease
    ).update(
        **{
            "state": state,
            "error": detail,
            "lease": None,
            "lease_until": None,
            "next_attempt_at": None,
            **changes,
        }
    )
    if not moved:
        return None
    log(message, state, detail)
    return state


def release_expired(clinic: Clinic, now: datetime) -> int:
    """Take back messages whose worker went silent; returns how many."""
    expired = Message.objects.filter(
        clinic=clinic, state=State.SENDING, lease_until__lte=now
    ).values_list("pk", flat=True)
    return sum(_release(message_id, now) for message_id in list(expired))


@transaction.atomic
def _release(message_id: UUID, now: datetime) -> bool:
    message = Message.objects.select_for_update().get(pk=message_id)
    if message.state != State.SENDING or (message.lease_until or now) > now:
        return False
    return _doubt(message, "the lease ran out", now, again=now) is not None


def look_again(record_ids: Iterable[UUID], now: datetime) -> int:
    """Let what waits for a hold's end look at the hold anew; returns how many."""
    return Message.objects.filter(
        request__patient__in=record_ids, state__in=Message.CLAIMABLE, error=ON_HOLD
    ).update(next_attempt_at=now)


def is_held_back(request: SurveyRequest) -> bool:
    """Whether a hold is why the patient has no message of this survey."""
    messages = request.messages
    return (
        messages.filter(state__in=Message.CLAIMABLE, error=ON_HOLD).exists()
        and not messages.filter(state=State.ACCEPTED).exists()
    )


def cancel(request: SurveyRequest, reason: str) -> int:
    """Take back what has not been claimed; returns how many messages."""
    waiting = request.messages.filter(state__in=Message.CLAIMABLE)
    return sum(_cancel(message, reason) for message in waiting)


def _cancel(message: Message, reason: str) -> int:
    cancelled = Message.objects.filter(
        pk=message.pk, state__in=Message.CLAIMABLE
    ).update(state=State.CANCELLED, next_attempt_at=None, error=reason)
    if cancelled:
        log(message, State.CANCELLED, reason)
    return cancelled


def log(message: Message, state: str, detail: str = "") -> None:
    MessageEvent.objects.create(
        clinic_id=message.clinic_id, message=message, state=state, detail=detail
    )
