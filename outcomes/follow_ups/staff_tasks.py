"""What people do so that a follow-up is not lost: opened once, closed with it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from outcomes.models import FollowUp, StaffTask

State = StaffTask.State


def open_one(
    row: FollowUp,
    *,
    kind: StaffTask.Kind,
    reason: StaffTask.Reason,
    due_on: date,
    rung: str = "",
) -> None:
    open_all([made(row, kind=kind, reason=reason, due_on=due_on, rung=rung)])


def open_all(tasks: Sequence[StaffTask]) -> Sequence[StaffTask]:
    """Once for each rung: a second engine that climbs the same one changes nothing."""
    return StaffTask.objects.bulk_create(tasks, ignore_conflicts=True)


def made(
    row: FollowUp,
    *,
    kind: StaffTask.Kind,
    reason: StaffTask.Reason,
    due_on: date,
    rung: str = "",
) -> StaffTask:
    """Unsaved, for whoever opens many at once."""
    return StaffTask(
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        follow_up=row,
        kind=kind,
        reason=reason,
        rung=rung,
        due_on=due_on,
        closes_on=max(row.closes_on, due_on),
    )


def cancel(
    follow_up_ids: Iterable[UUID],
    end_reason: str,
    now: datetime,
    *,
    kinds: Iterable[StaffTask.Kind] = tuple(StaffTask.Kind),
) -> int:
    """Nobody needs to do them any more; returns how many."""
    waiting = StaffTask.objects.filter(
        follow_up__in=follow_up_ids, kind__in=kinds, state=State.OPEN
    )
    return waiting.update(
        state=State.CANCELLED, ended_at=now, end_reason=end_reason[:80]
    )
