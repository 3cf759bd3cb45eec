"""Calls that staff are to make: made, put off to another day, finished."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from clinic import clock
from clinic.models import User
from outcomes.follow_ups.planning import sending_hours
from outcomes.follow_ups.planning.calendar import ONE_DAY
from outcomes.models import FollowUp, StaffTask
from patients.models import Patient

SATURDAY = 5
SAME_CALL = "one call did for both"


def open_calls(follow_up: FollowUp) -> QuerySet[StaffTask]:
    """Also where a way to call is to be found first: a call that was made was one."""
    return StaffTask.objects.filter(
        follow_up=follow_up,
        kind__in=StaffTask.TO_PATIENT,
        state=StaffTask.State.OPEN,
    ).order_by("due_on", "pk")


def first_call(follow_up: FollowUp) -> StaffTask | None:
    return open_calls(follow_up).first()


def next_working_day(patient: Patient, after: date) -> date:
    """Of the place where the patient is seen: neither a weekend nor a closed day."""
    hours = sending_hours.of(patient)
    day = hours.open_day(after + ONE_DAY)
    while day.weekday() >= SATURDAY:
        day = hours.open_day(day + ONE_DAY)
    return day


def call_again(
    follow_up: FollowUp,
    person: Patient,
    today: date,
    *,
    on: date | None,
    by: User,
) -> date:
    """Put the call off to that day, or to the next working day; returns the day.

    Never beyond the window: on its last day it can be tried once more.
    """
    last = max(follow_up.closes_on, today)
    if on is not None and not today <= on <= last:
        raise ValidationError(
            {"call_again_on": f"Give a day from today to {clock.in_words(last)}."}
        )
    day = on or min(next_working_day(person, today), last)
    due = list(open_calls(follow_up).filter(due_on__lte=max(today, day)))
    if not due:
        make_call(follow_up, due_on=day)
        return day
    finish(due[1:], SAME_CALL, by=by, at=clock.now())
    still_open = StaffTask.objects.filter(pk=due[0].pk, state=StaffTask.State.OPEN)
    still_open.update(due_on=day)
    return day


def make_call(follow_up: FollowUp, *, due_on: date) -> StaffTask:
    """One that no rung of the ladder asked for."""
    made = follow_up.staff_tasks.filter(rung__startswith="manual").count()
    return StaffTask.objects.create(
        clinic_id=follow_up.clinic_id,
        patient_id=follow_up.patient_id,
        follow_up=follow_up,
        kind=StaffTask.Kind.CALL,
        reason=_why(follow_up),
        rung=f"manual-{made + 1}",
        due_on=due_on,
        closes_on=max(follow_up.closes_on, due_on),
    )


def _why(follow_up: FollowUp) -> StaffTask.Reason:
    if follow_up.state == FollowUp.State.UNREACHABLE:
        return StaffTask.Reason.UNREACHABLE
    return StaffTask.Reason.SAFETY if follow_up.is_safety else StaffTask.Reason.SILENT


def finish_calls(
    follow_up: FollowUp, end_reason: str, *, by: User, at: datetime
) -> int:
    return finish(open_calls(follow_up), end_reason, by=by, at=at)


def finish(
    found: QuerySet[StaffTask] | list[StaffTask],
    end_reason: str,
    *,
    by: User,
    at: datetime,
) -> int:
    """Those that are open still; returns how many."""
    waiting = StaffTask.objects.filter(
        pk__in=[task.pk for task in found], state=StaffTask.State.OPEN
    )
    return waiting.update(
        state=StaffTask.State.DONE,
        ended_at=at,
        ended_by=by,
        end_reason=end_reason[:80],
    )
