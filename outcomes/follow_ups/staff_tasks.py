"""What people do so that a follow-up is not lost: opened once, closed with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from clinic import clock
from outcomes.follow_ups.engine.asking import INVITE
from outcomes.models import FollowUp, StaffTask
from patients.models import Patient

State = StaffTask.State
# Other than the rungs of a ladder, which are climbed once an asking, these come again
# as often as it is so: in place of an invitation, after a stop, and of a locked link.
STOPPED = "stopped"
LOCKED = "locked"
AGAIN = (INVITE, STOPPED, LOCKED)
REPLACED = "a later step of the ladder took its place"
NOT_CALLED = "took back being called"


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

    What comes again after it was done gets a number of its own. A later rung takes the
    place of an earlier one that nobody has done, and goes to whoever had that.
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
    _take_over(needed, earlier)
    return StaffTask.objects.bulk_create(needed, ignore_conflicts=True)


def _is_needed(task: StaffTask, earlier: Sequence[StaffTask]) -> bool:
    waiting = [one for one in earlier if one.state == State.OPEN]
    if task.rung in AGAIN:
        return not any(one.due_on <= task.due_on for one in waiting)
    # What says more than that nobody answered stays, and a day that was agreed on.
    if any(one.rung.startswith(STOPPED) or one.due_on > task.due_on for one in waiting):
        return False
    asked_at = task.follow_up.asked_at
    return not any(
        one.state == State.OPEN or asked_at is None or one.created_at >= asked_at
        for one in _same(task, earlier)
    )


def _take_over(
    needed: Iterable[StaffTask], earlier: Mapping[UUID, Sequence[StaffTask]]
) -> None:
    replaced = []
    for task in needed:
        if task.rung.startswith(AGAIN):
            continue
        for one in earlier[task.follow_up_id]:
            if one.state == State.OPEN:
                task.assigned_to_id = task.assigned_to_id or one.assigned_to_id
                replaced.append(one)
    _cancel_all(replaced, REPLACED, clock.now())


def _cancel_all(tasks: Iterable[StaffTask], end_reason: str, now: datetime) -> None:
    ids = [one.pk for one in tasks]
    if ids:
        StaffTask.objects.filter(pk__in=ids, state=State.OPEN).update(
            state=State.CANCELLED, ended_at=now, end_reason=end_reason
        )


def call_no_more(patient: Patient, now: datetime) -> None:
    """What was to be a call becomes a way to find: each follow-up keeps one task."""
    calls = StaffTask.objects.filter(
        patient__in=patient.record_ids, kind=StaffTask.Kind.CALL, state=State.OPEN
    ).order_by("due_on", "pk")
    found = list(calls.select_related("follow_up").select_for_update(of=("self",)))
    _cancel_all(found, NOT_CALLED, now)
    # Of several the first: what is to be done today is not put off.
    by_row = {task.follow_up_id: task for task in reversed(found)}
    open_all([_to_reach(task) for task in by_row.values()])


def _to_reach(call: StaffTask) -> StaffTask:
    task = made(
        call.follow_up,
        kind=StaffTask.Kind.REACH,
        reason=StaffTask.Reason(call.reason),
        due_on=call.due_on,
        rung=call.rung,
    )
    task.assigned_to_id = call.assigned_to_id
    return task


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
    reason: str = "",
) -> int:
    """Nobody needs to do them any more, or not for this reason; returns how many."""
    waiting = StaffTask.objects.filter(
        follow_up__in=follow_up_ids, kind__in=kinds, state=State.OPEN
    )
    if reason:
        waiting = waiting.filter(reason=reason)
    return waiting.update(
        state=State.CANCELLED, ended_at=now, end_reason=end_reason[:80]
    )
