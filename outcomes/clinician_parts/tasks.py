"""Examinations as tasks of staff: opened with the schedule, moved and ended with it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from clinic.models import User
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.planning.changes import Placed
from outcomes.follow_ups.planning.course_rows import StandingRow
from outcomes.models import FollowUp, StaffTask
from plans.models import Timepoint

Kind, Reason, State = StaffTask.Kind, StaffTask.Reason, StaffTask.State
NOT_OWED = "nothing is to be examined any more"


def follow(
    fresh: Iterable[FollowUp],
    moved: Sequence[tuple[StandingRow, Placed]],
    kept_open: Sequence[tuple[StandingRow, Placed]],
    now: datetime,
) -> None:
    """A task for each new part of the clinic's; those that stand move with theirs.

    Nothing is queried where the clinic had and has no part.
    """
    joined = [row.pk for row, placed in moved if _joins(row, placed)]
    rows = [*fresh, *(FollowUp.objects.filter(pk__in=joined) if joined else ())]
    owed = [row for row in rows if is_owed(row)]
    if owed:
        open_all(owed)
    left = [row.pk for row, placed in moved if _leaves(row, placed)]
    if left:
        staff_tasks.cancel(left, NOT_OWED, now, kinds=[Kind.EXAMINE])
    went = [row.pk for row, _ in [*moved, *kept_open] if row.is_for_clinician]
    if went:
        _move(went)


def open_all(rows: Iterable[FollowUp]) -> None:
    """Opened when it is planned, not when its window opens: a tick has less to do."""
    StaffTask.objects.bulk_create([task_of(row) for row in rows], ignore_conflicts=True)


def done(row: FollowUp, by: User | None, now: datetime) -> None:
    """`by` is None where the record itself had it."""
    examinations().filter(follow_up=row).update(
        state=State.DONE,
        ended_at=now,
        ended_by=by,
        end_reason="" if by else "it stood in the record",
    )


def examinations() -> QuerySet[StaffTask]:
    return StaffTask.objects.filter(kind=Kind.EXAMINE, state=State.OPEN)


def is_owed(row: FollowUp) -> bool:
    is_over = row.state in FollowUp.FINAL or row.is_examined
    return row.is_for_clinician and not is_over


def _joins(row: StandingRow, placed: Placed) -> bool:
    """A newer version of the protocol gives the clinic a part in it."""
    has_part = placed.desired.who != Timepoint.Who.PATIENT
    return has_part and not row.is_for_clinician


def _leaves(row: StandingRow, placed: Placed) -> bool:
    is_owed = placed.desired.who != Timepoint.Who.PATIENT
    return row.is_for_clinician and (placed.is_never_asked or not is_owed)


def task_of(row: FollowUp) -> StaffTask:
    return StaffTask(
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        follow_up=row,
        kind=Kind.EXAMINE,
        reason=Reason.CLINICIAN,
        due_on=row.due_on,
        closes_on=row.closes_on,
    )


def _move(follow_up_ids: Collection[UUID]) -> None:
    follow_up = FollowUp.objects.filter(pk=OuterRef("follow_up"))
    examinations().filter(follow_up__in=follow_up_ids).update(
        due_on=Subquery(follow_up.values("due_on")),
        closes_on=Subquery(follow_up.values("closes_on")),
    )
