"""Whether a course with a needle has an answer to compare with, and which one lacks."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from outcomes.models import Episode, FollowUp, Score
from plans.course import exposure
from plans.models import NEEDLE, Intervention

State = FollowUp.State
# A window that closed takes an answer still; it is kept and counts as late.
CAPTURABLE = (
    State.PLANNED,
    State.OPEN,
    State.STARTED,
    State.UNREACHABLE,
    State.EXPIRED,
)


def course_of(intervention: Intervention) -> Episode | None:
    """The one of the plan whose day 0 hangs on a procedure, this or its series'."""
    return Episode.objects.filter(
        plan=intervention.plan_id,
        course=intervention.course,
        anchor_intervention__isnull=False,
    ).first()


def baseline_of(intervention: Intervention, on: date) -> FollowUp | None:
    """The follow-up to answer before a needle on that day; None where nothing lacks."""
    if not intervention.is_needle:
        return None
    course = course_of(intervention)
    if course is None or is_scored(course, on):
        return None
    rows = course.follow_ups.filter(is_baseline=True, state__in=CAPTURABLE)
    return rows.exclude(FollowUp.ANSWERED).first()


def is_scored(course: Episode, on: date) -> bool:
    """Whether anything counts as its baseline, from whatever source."""
    return Score.objects.filter(
        complaint=course.complaint_id,
        measure__is_asked_at_baseline=True,
        measured_on__gte=on - exposure.BASELINE_FOR,
        measured_on__lte=on,
    ).exists()


def needles(course: Episode) -> QuerySet[Intervention]:
    procedure = course.anchor_intervention
    found = Intervention.objects.filter(plan=course.plan_id, modality__in=NEEDLE)
    return found.filter(course=procedure.course) if procedure else found.none()


def needle_day(course: Episode) -> date | None:
    """When the first needle of the course was in; None while none was."""
    done = needles(course).filter(status=Intervention.Status.PERFORMED)
    return done.order_by("performed_on").values_list("performed_on", flat=True).first()


def next_needle(course: Episode) -> Intervention | None:
    """The one that is about to come, while none has been."""
    if needle_day(course) is not None:
        return None
    planned = needles(course).filter(status=Intervention.Status.PLANNED)
    return planned.order_by("planned_on", "pk").first()


def preview(intervention: Intervention, *, on: date, **_: Any) -> list[str]:
    """For who is about to record it."""
    if baseline_of(intervention, on) is None:
        return []
    return ["there is no answer from before the needle to compare with"]
