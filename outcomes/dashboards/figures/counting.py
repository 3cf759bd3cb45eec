"""Counts facts, or reads tallies where they hold what is asked: the same numbers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from clinic.models import User
from outcomes.dashboards import statistics
from outcomes.dashboards.facts import aggregates, tallies
from outcomes.dashboards.figures.choices import FAILED, WITHOUT, Choices
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS
from outcomes.models import OutcomeFact, OutcomeTally
from outcomes.models.facts import NO_STEP

# What a mean over time needs; the rest is counted at one day only.
OF_A_TREND = (
    *("facts", "answered", "changed", "eligible"),
    *("value_sum", "value_squares", "change_sum", "change_squares"),
)
Row = dict[str, Any]


def over_time(user: User, measure_id: UUID, chosen: Choices) -> list[Row]:
    """By `key` and `bin_day`, the numbers of OF_A_TREND; one query."""
    return _counted(user, measure_id, chosen, ("bin_day",), OF_A_TREND)


def in_steps(
    user: User, measure_id: UUID, chosen: Choices, day: int | None = None
) -> list[Row]:
    """By `key`, `bin_day` and `step` of improvement, every number; one query.

    Of one day, or of all: then it costs as much as there are days.
    """
    by = ("bin_day", "step")
    return _counted(user, measure_id, chosen, by, aggregates.NUMBERS, day)


def _counted(
    user: User,
    measure_id: UUID,
    chosen: Choices,
    by: Sequence[str],
    names: Sequence[str],
    day: int | None = None,
) -> list[Row]:
    rows: QuerySet[Any]
    adds: Mapping[str, Any]
    if chosen.is_live:
        rows = live(user, measure_id, chosen).annotate(key=key_of(chosen.by))
        adds = _of_facts(chosen)
    else:
        rows, adds = _kept(user, measure_id, chosen), aggregates.OF_TALLIES
    if day is not None:
        rows = rows.filter(bin_day=day)
    rows = rows.annotate(step=Coalesce("change_step", NO_STEP))
    # A name of the tally's own column may not be taken twice.
    named = {f"{name}_in_all": adds[name] for name in names}
    found = rows.values("key", *by).annotate(**named).order_by("key", *by)
    return [
        {
            **{k.removesuffix("_in_all"): v for k, v in row.items()},
            "key": "" if chosen.by == ALL else row["key"],
        }
        for row in found
    ]


def live(user: User, measure_id: UUID, chosen: Choices) -> QuerySet[OutcomeFact]:
    """The facts that are asked for, of all canonical days."""
    found = OutcomeFact.objects.visible_to(user).filter(
        measure=measure_id, bin_day__isnull=False
    )
    return narrowed(found, chosen)


def narrowed(found: QuerySet[OutcomeFact], chosen: Choices) -> QuerySet[OutcomeFact]:
    """Of these facts those of the courses that are chosen."""
    if chosen.begins_on:
        found = found.filter(profile__began_on__gte=chosen.begins_on)
    if chosen.ends_on:
        found = found.filter(profile__began_on__lte=chosen.ends_on)
    if chosen.baseline_from is not None:
        found = found.filter(baseline__gte=chosen.baseline_from)
    if chosen.added == WITHOUT:
        found = found.filter(has_added_treatment=False)
    for name, key in chosen.narrowed.items():
        found = found.filter(**{DIMENSIONS[name].column or "": key})
    return found


def _kept(user: User, measure_id: UUID, chosen: Choices) -> QuerySet[OutcomeTally]:
    found = OutcomeTally.objects.visible_to(user).filter(measure=measure_id)
    if chosen.by != ALL or not chosen.narrowed:
        found = found.filter(dimension=chosen.by)
        own = chosen.narrowed.get(chosen.by)
        return found if own is None else found.filter(key=own)
    # All together, of one group of a dimension: that dimension's tally is it.
    ((name, key),) = chosen.narrowed.items()
    return found.filter(dimension=name, key=key)


def key_of(by: str) -> Any:
    """Of a fact, the group of this dimension that it is in."""
    column = tallies.COLUMNS.get(by)
    return Cast(F(column), CharField()) if column else Value("", CharField())


def _of_facts(chosen: Choices) -> dict[str, Any]:
    if chosen.added != FAILED:
        return dict(aggregates.OF_FACTS)
    # Whoever was treated again before the answer did not improve by the first.
    improved = {
        key: Count("episode", filter=Q(**{key: True}, has_added_treatment=False))
        for key in statistics.RULES
    }
    return {**aggregates.OF_FACTS, **improved}
