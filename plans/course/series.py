"""Which procedure of a plan is day 0: of a series the last, and a repeat anew."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max, Min, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from clinic import clock
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


def check_order(one: Intervention, field: str, day: date) -> None:
    """Raises ValidationError for a day on which its number would be out of turn.

    Day 0 is the last number, so it must not lie before another of its series. Those
    of one day may have any order, and one that is only planned is in nobody's way.
    """
    if one.series_number is None:
        return
    done = _of(one).filter(status=Intervention.Status.PERFORMED).exclude(pk=one.pk)
    later = done.filter(series_number__gt=one.series_number, performed_on__lt=day)
    if after := later.order_by("performed_on").first():
        raise ValidationError({field: _out_of_turn(one, after, "after")})
    earlier = done.filter(series_number__lt=one.series_number, performed_on__gt=day)
    if before := earlier.order_by("-performed_on").first():
        raise ValidationError({field: _out_of_turn(one, before, "before")})


def check_repeats(one: Intervention, field: str, day: date) -> None:
    """Raises ValidationError where a repeat would lie before what it repeats.

    It ends the courses before it, so a slip in its day would end the wrong one.
    """
    if not one.is_index:
        return
    done = one.plan.interventions.filter(
        is_index=True, status=Intervention.Status.PERFORMED
    )
    for other in done.exclude(course=one.course).order_by("course"):
        if other.on is None or other.on == day:
            continue
        is_repeat = other.course > one.course
        if is_repeat == (other.on < day):
            side = "after its repeat" if is_repeat else "before what it repeats"
            said = _in_the_way(other, f"this would lie {side}")
            raise ValidationError({field: said})


def _out_of_turn(one: Intervention, other: Intervention, side: str) -> str:
    return _in_the_way(
        other,
        f"number {one.series_number} cannot be {side} number {other.series_number}",
    )


def _in_the_way(other: Intervention, said: str) -> str:
    when = clock.in_words(other.on) if other.on else "no day"
    return (
        f"{other.title} was done on {when}, and {said}. Give another day, or first "
        "correct the day of that one, or take it back."
    )


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


def standing_in_its_way(cancelled: Intervention) -> Intervention | None:
    """What became day 0 since, where this one would be day 0 too if it stood again."""
    own: QuerySet[Intervention] = Intervention.objects.filter(pk=cancelled.pk)
    if cancelled.series_number is not None:
        own = _of(cancelled)
    if not own.filter(is_index=True).exists():
        return None
    day_0 = index_of(cancelled.plan, cancelled.course)
    is_of_the_same = day_0 is not None and own.filter(pk=day_0.pk).exists()
    return None if is_of_the_same else day_0


def began_on(index: Intervention) -> date | None:
    """The first day of the series that it belongs to; None where it is alone."""
    if index.series_number is None:
        return None
    return _first_day(_standing_of(index))


def first_day_of(index: str) -> QuerySet[Intervention, date]:
    """`began_on` as a subquery of rows with `plan`, `course` and day 0 as `index`."""
    own = Coalesce(OuterRef(f"{index}__step__key"), Value(""))
    same = Intervention.objects.filter(
        plan=OuterRef("plan"),
        course=OuterRef("course"),
        series_number__isnull=False,
        status__in=STANDING,
    ).alias(step_key=Coalesce("step__key", Value("")))
    by_plan = same.filter(step_key=own).order_by().values("plan")
    first = Min(Coalesce("performed_on", "planned_on"))
    return by_plan.annotate(first=first).values_list("first", flat=True)


def _first_day(standing: Iterable[Intervention]) -> date | None:
    return min((one.on for one in standing if one.on is not None), default=None)


def index_among(rows: Sequence[Intervention], course: int) -> Intervention | None:
    """What `renew_index` would make day 0 of a course, of rows as they might be.

    They are all of a plan, with their steps; nothing is read or written.
    """
    for one in rows:
        if one.course == course and one.is_index:
            if one.series_number is None:
                if one.status in STANDING:
                    return one
            elif standing := _standing_among(rows, one):
                return standing[-1]
    return None


def day_0_among(plan: Plan, rows: Sequence[Intervention], course: int) -> date | None:
    """`day_0` of rows as they might be."""
    if plan.protocol is None or plan.protocol.anchor != Anchor.INDEX_PROCEDURE:
        return plan.started_on
    index = index_among(rows, course)
    return None if index is None else index.on


def began_among(rows: Sequence[Intervention], index: Intervention) -> date | None:
    """`began_on` of rows as they might be."""
    if index.series_number is None:
        return None
    return _first_day(_standing_among(rows, index))


def _standing_among(
    rows: Sequence[Intervention], one: Intervention
) -> list[Intervention]:
    same = [
        row
        for row in rows
        if row.course == one.course
        and row.series_number is not None
        and row.status in STANDING
        and _step_key(row) == _step_key(one)
    ]
    return sorted(same, key=lambda row: row.series_number or 0)


def _step_key(one: Intervention) -> str | None:
    return None if one.step is None else one.step.key


def begin_repeat(added: Intervention) -> None:
    """Mark it, not stored yet, as day 0: of the next course, or of one without."""
    protocol = added.plan.protocol
    if protocol is None or protocol.anchor != Anchor.INDEX_PROCEDURE:
        raise ValidationError(
            {"is_repeat": "This plan is not counted from a procedure to repeat."}
        )
    current = index_of(added.plan, added.course)
    added.is_index = True
    if current is None:
        return  # It takes the place of one that was cancelled or taken back.
    if current.status != Intervention.Status.PERFORMED:
        raise ValidationError(
            {"is_repeat": "The procedure is not recorded as performed yet."}
        )
    added.course += 1
