"""Follow-ups whose patient no message reaches: said here only, and never silent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.text import Truncator

from clinic import bulk, clock
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.engine import calling
from outcomes.follow_ups.engine.asking import INVITE
from outcomes.models import FollowUp, Intake, Message, StaffTask
from patients.models import Patient

# Longer than any column that keeps a reason.
REASON_LENGTH = 80
CHANGED = ("state", "state_reason")


def of_survey(message: Message, person: Patient, reason: str, now: datetime) -> None:
    """All that the message's survey asks; what is begun has reached its patient."""
    say(_asked_by(message), person, reason, now)
    Intake.objects.filter(request=message.request_id, state=Intake.State.ASKED).update(
        state_reason=_short(reason)
    )


def note(message: Message, reason: str) -> None:
    """It did not arrive, and another message or another way is open."""
    _asked_by(message).update(state_reason=_short(reason))


def _asked_by(message: Message) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT,
        request=message.request_id,
        state=FollowUp.State.OPEN,
    )


def say(
    rows: QuerySet[FollowUp], person: Patient, reason: str, now: datetime
) -> Sequence[StaffTask]:
    """From now on a person has to; today, for nothing else comes before the end."""
    held = list(rows.select_for_update().order_by("pk"))
    if not held:
        return []
    kind, today = calling.kind_for(person), clock.day_of(now, person.time_zone)
    tasks = [became(row, reason, kind, today) for row in held]
    bulk.update(held, CHANGED)
    return staff_tasks.open_all(tasks)


def became(row: FollowUp, reason: str, kind: StaffTask.Kind, today: date) -> StaffTask:
    """Neither the row nor its task is saved, for whoever writes many at once."""
    row.state, row.state_reason = FollowUp.State.UNREACHABLE, _short(reason)
    return _task(row, kind, today)


def hand_over(
    rows: Iterable[FollowUp], people: Mapping[UUID, Patient], now: datetime
) -> Sequence[StaffTask]:
    """What stands as unreachable and is nobody's; `people` by each of their records.

    A few queries a row, for what is found once.
    """
    return staff_tasks.open_all(
        [
            _task(row, calling.kind_for(person), clock.day_of(now, person.time_zone))
            for row in rows
            if (person := people.get(row.patient_id))
        ]
    )


def _task(row: FollowUp, kind: StaffTask.Kind, today: date) -> StaffTask:
    return staff_tasks.made(
        row,
        kind=kind,
        reason=StaffTask.Reason.UNREACHABLE,
        due_on=today,
        rung=INVITE,
    )


def _short(reason: str) -> str:
    return Truncator(reason).chars(REASON_LENGTH)
