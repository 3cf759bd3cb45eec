"""What may be done to an intervention, and on which day: said in words where not.

Read by the verbs, and by whoever says beforehand what they would do.
"""

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from clinic import clock
from patients.models.patient import validate_lived, validate_past
from plans.course import series
from plans.course.starting import LATEST_PROCEDURE
from plans.models import Intervention, Plan
from plans.procedures import details

Status = Intervention.Status
# A plan is sometimes entered weeks after what it begins with was done.
LATE_ENTRY = timedelta(days=60)


def check_act(
    intervention: Intervention, was: str, *, allow_ended: bool = False
) -> None:
    """Raises ValidationError where an act on what `was` so would be refused."""
    check_running(intervention.plan, allow_ended=allow_ended)
    if intervention.status != was:
        raise ValidationError(f"This intervention is {in_words(intervention)}.")


def check_running(plan: Plan, *, allow_ended: bool = False) -> None:
    if plan.status == Plan.Status.ACTIVE or (allow_ended and plan.status in Plan.ENDED):
        return
    raise ValidationError(
        f"This plan is {plan.get_status_display().lower()}; "
        "start, resume or reopen it first."
    )


def check_performed(intervention: Intervention, day: date) -> None:
    """Raises ValidationError for a day on which it cannot have been done."""
    patient = intervention.plan.complaint.patient.kept
    validate_past("performed_on", day, clock.today(patient.time_zone))
    validate_lived("performed_on", day, patient)
    check_day(intervention.plan, "performed_on", day)
    _check_not_after_end(intervention.plan, "performed_on", day)
    series.check_order(intervention, "performed_on", day)
    series.check_repeats(intervention, "performed_on", day)


def check_reschedule(intervention: Intervention, day: date) -> None:
    """Raises ValidationError naming the field for a day that makes no sense."""
    patient = intervention.plan.complaint.patient.kept
    if intervention.status == Status.PERFORMED:
        validate_past("day", day, clock.today(patient.time_zone))
        validate_lived("day", day, patient)
        series.check_order(intervention, "day", day)
        series.check_repeats(intervention, "day", day)
        details.check_moved(intervention, day)
    elif intervention.status != Status.PLANNED:
        raise ValidationError(f"This intervention is {in_words(intervention)}.")
    check_day(intervention.plan, "day", day)
    _check_not_after_end(intervention.plan, "day", day)


def check_planned_again(intervention: Intervention) -> None:
    """Raises ValidationError where it would be a second day 0 of its course."""
    if intervention.status == Status.CANCELLED:
        day_0 = series.standing_in_its_way(intervention)
        if day_0 is not None:
            raise ValidationError(
                f"{day_0} is day 0 of this course already; cancel it first, or add a "
                "repeat."
            )


def check_day(plan: Plan, field: str, day: date) -> None:
    """A wrong year would move every follow-up by a year."""
    first = plan.started_on - LATE_ENTRY
    last = plan.started_on + LATEST_PROCEDURE
    if not first <= day <= last:
        words = [clock.in_words(day) for day in (first, last)]
        raise ValidationError(
            {
                field: f"For this plan give a day from {words[0]} to {words[1]}; "
                "look at the year."
            }
        )


def _check_not_after_end(plan: Plan, field: str, day: date) -> None:
    if plan.status in Plan.ENDED and plan.ended_on and day > plan.ended_on:
        words = clock.in_words(plan.ended_on)
        raise ValidationError({field: f"The plan ended on {words}; this is later."})


def in_words(intervention: Intervention) -> str:
    return intervention.get_status_display().lower()
