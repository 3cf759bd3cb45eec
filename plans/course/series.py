"""Which procedure of a plan is day 0: of a series the last, and a repeat anew."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet

from plans.models import Anchor, Intervention, Plan

STANDING = (Intervention.Status.PLANNED, Intervention.Status.PERFORMED)


def index_of(plan: Plan, course: int) -> Intervention | None:
    """Day 0 of a course, planned or performed."""
    return plan.interventions.filter(
        course=course, is_index=True, status__in=STANDING
    ).first()


def day_0(plan: Plan, course: int) -> date | None:
    """The day that a course is counted from; None while its procedure is cancelled."""
    if plan.protocol is None or plan.protocol.anchor != Anchor.INDEX_PROCEDURE:
        return plan.started_on
    index = index_of(plan, course)
    return None if index is None else index.on


def last_course(plan: Plan) -> int:
    """The newest whose procedure stands; a cancelled repeat began none."""
    standing = plan.interventions.filter(is_index=True, status__in=STANDING)
    return standing.aggregate(last=Max("course"))["last"] or 1


def renew_index(plan: Plan) -> None:
    """Day 0 is the last of its series that still stands; call it when that changed."""
    marked = plan.interventions.filter(is_index=True, series_number__isnull=False)
    for one in marked.select_related("step"):
        standing = _standing_of(one)
        last = standing.last()
        if last is not None and last.pk != one.pk:
            _of(one).update(is_index=False)
            standing.filter(pk=last.pk).update(is_index=True)


def last_but(left: Intervention) -> Intervention | None:
    """The last of its series without this one."""
    if left.series_number is None:
        return None
    return _standing_of(left).exclude(pk=left.pk).last()


def _of(one: Intervention) -> QuerySet[Intervention]:
    """Its series: the repeats of one step in one course, whatever version planned
    them.
    """
    same = Intervention.objects.filter(
        plan=one.plan_id, course=one.course, series_number__isnull=False
    )
    if one.step is None:
        return same.filter(step__isnull=True)
    return same.filter(step__key=one.step.key)


def _standing_of(one: Intervention) -> QuerySet[Intervention]:
    return _of(one).filter(status__in=STANDING).order_by("series_number")


def began_on(index: Intervention) -> date | None:
    """The first day of the series that it belongs to; None where it is alone."""
    if index.series_number is None:
        return None
    days = [one.on for one in _standing_of(index) if one.on is not None]
    return min(days, default=None)


def begin_repeat(added: Intervention) -> None:
    """Mark it, not stored yet, as day 0 of the plan's next course."""
    protocol = added.plan.protocol
    if protocol is None or protocol.anchor != Anchor.INDEX_PROCEDURE:
        raise ValidationError(
            {"is_repeat": "This plan is not counted from a procedure to repeat."}
        )
    current = index_of(added.plan, added.course)
    if current is None or current.status != Intervention.Status.PERFORMED:
        raise ValidationError(
            {"is_repeat": "The procedure is not recorded as performed yet."}
        )
    added.course += 1
    added.is_index = True
