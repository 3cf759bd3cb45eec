"""What people do so that a follow-up is not lost: opened once, closed with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from outcomes.follow_ups.asking import INVITE
from outcomes.models import FollowUp, StaffTask

State = StaffTask.State
# Other than the rungs of a ladder, which are climbed once an asking, these come again
# as often as it is so: in place of an invitation, and after a stop.
STOPPED = "stopped"
AGAIN = (INVITE, STOPPED)


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
    """Those that nobody has or had; a second engine changes nothing.

    What comes again after it was done gets a number of its own.
    """
    if not tasks:
        return []
    earlier: dict[UUID, list[StaffTask]] = defaultdict(list)
    for one in StaffTask.objects.filter(
        follow_up__in={task.follow_up_id for task in tasks},
        kind__in=StaffTask.TO_PATIENT,
    ):
        earlier[one.follow_up_id].append(one)
    needed = [task for task in tasks if _is_needed(task, earlier[task.follow_up_id])]
    for task in needed:
        same = _same(task, earlier[task.follow_up_id])
        task.rung = f"{task.rung}-{len(same) + 1}" if same else task.rung
    return StaffTask.objects.bulk_create(needed, ignore_conflicts=True)


def _is_needed(task: StaffTask, earlier: Iterable[StaffTask]) -> bool:
    if task.rung in AGAIN:
        return not any(
            one.state == State.OPEN and one.due_on <= task.due_on for one in earlier
        )
    asked_at = task.follow_up.asked_at
    return not any(
        one.state == State.OPEN or asked_at is None or one.created_at >= asked_at
        for one in _same(task, earlier)
    )


def _same(task: StaffTask, earlier: Iterable[StaffTask]) -> list[StaffTask]:
    again = f"{task.rung}-"
    return [
        one
        for one in earlier
        if one.kind == task.kind
        and (one.rung == task.rung or one.rung.startswith(again))
    ]


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
