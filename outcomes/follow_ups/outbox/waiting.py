"""Messages that wait in the outbox: which are due, woken, or taken back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.outbox import claiming, doubts, objections, trail
from outcomes.models import Message, SurveyRequest
from patients.models import RedFlag

State = Message.State
UNDELIVERED = (State.FAILED, State.DEAD, State.CANCELLED, State.BOUNCED)


def _due(clinic: Clinic, now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        clinic=clinic, next_attempt_at__lte=now, state__in=Message.CLAIMABLE
    )


def due(clinic: Clinic, now: datetime) -> list[UUID]:
    """Messages to send now, longest waiting first."""
    waiting = _due(clinic, now).order_by("next_attempt_at")
    return list(waiting.values_list("pk", flat=True))


def due_channels(clinic: Clinic, now: datetime) -> dict[str, int]:
    """How many are due by each channel; one query."""
    counted = _due(clinic, now).order_by().values_list("channel")
    return dict(counted.annotate(Count("pk")))


def look_again(record_ids: Iterable[UUID], now: datetime) -> int:
    """Let what waits for the end of a hold or a flag be looked at; returns how many."""
    return Message.objects.filter(
        request__patient__in=record_ids,
        state__in=Message.CLAIMABLE,
        error__in=objections.WAITS,
    ).update(next_attempt_at=now)


def flag_acknowledged(flag: RedFlag, **_: Any) -> None:
    """A clinician has acted on it: what waited is looked at at once."""
    look_again(flag.patient.kept.record_ids, clock.now())


def is_held_back(request: SurveyRequest) -> bool:
    """Whether a hold is why the patient has no message of this survey."""
    messages = request.messages
    return (
        messages.filter(state__in=Message.CLAIMABLE, error=objections.ON_HOLD).exists()
        and not messages.filter(state__in=Message.ARRIVED).exists()
    )


def cancel(request: SurveyRequest, reason: str) -> int:
    """Take back what has not been claimed; returns how many messages."""
    return cancel_all([request], reason)


def cancel_all(requests: Collection[SurveyRequest], reason: str) -> int:
    """The same of many surveys, in a constant number of queries."""
    return len(_cancel(Message.objects.filter(request__in=requests), reason))


@transaction.atomic
def withdraw(record_ids: Iterable[UUID], channel: str, reason: str) -> int:
    """Take back what waits by a way that was closed; returns how many messages.

    Staff are told, as by the look right before sending, where no other way is open.
    """
    written = Message.objects.filter(request__patient__in=record_ids, channel=channel)
    taken = _cancel(claiming.whole(written), reason)
    for message in taken:
        doubts.tell_staff(message, reason)
    return len(taken)


@transaction.atomic
def _cancel(messages: QuerySet[Message], reason: str) -> list[Message]:
    """What a worker claims meanwhile is not taken back, and its trail says nothing."""
    waiting = messages.filter(state__in=Message.CLAIMABLE)
    held = list(waiting.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not held:
        return []
    Message.objects.filter(pk__in=[message.pk for message in held]).update(
        state=State.CANCELLED, next_attempt_at=None, error=reason
    )
    trail.write([trail.Entry(one, State.CANCELLED, reason) for one in held])
    return held
