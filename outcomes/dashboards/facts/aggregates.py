"""What is counted of many facts, as the database adds it up: one list for all."""

from collections.abc import Mapping

from django.db.models import Count, F, Q, Sum
from django.db.models.aggregates import Aggregate

from outcomes.dashboards import statistics
from outcomes.models import OutcomeFact

Apart = OutcomeFact.Apart
_CHANGED = Q(change__isnull=False)
_ELIGIBLE = Q(is_eligible=True)
# A percentage of a baseline of 0 has no meaning.
_ABOVE_0 = Q(baseline__gt=0)


def _count(condition: Q) -> Count:
    # A column that the index of facts holds, and that is never null.
    return Count("episode", filter=condition)


def _sum(column: str, condition: Q | None = None) -> Sum:
    return Sum(column, filter=condition, default=0.0)


def _squares(column: str, condition: Q | None = None) -> Sum:
    return Sum(F(column) * F(column), filter=condition, default=0.0)


# By the columns of OutcomeTally that hold them.
OF_FACTS: Mapping[str, Aggregate] = {
    "facts": Count("episode"),
    "answered": Count("value"),
    "changed": Count("change"),
    "changed_from_above_0": _count(_CHANGED & _ABOVE_0),
    "eligible": _count(_ELIGIBLE),
    "eligible_from_above_0": _count(_ELIGIBLE & _ABOVE_0),
    **{key: _count(Q(**{key: True})) for key in statistics.RULES},
    "worse": _count(Q(worse=True)),
    "added": _count(Q(has_added_treatment=True, value__isnull=False)),
    "died": _count(Q(apart=Apart.DIED)),
    "withdrew": _count(Q(apart=Apart.WITHDREW)),
    "value_sum": _sum("value"),
    "value_squares": _squares("value"),
    "change_sum": _sum("change"),
    "change_squares": _squares("change"),
    "baseline_sum": _sum("baseline", _ELIGIBLE),
    "baseline_squares": _squares("baseline", _ELIGIBLE),
    "answered_baseline_sum": _sum("baseline", _ELIGIBLE & _CHANGED),
    "answered_baseline_squares": _squares("baseline", _ELIGIBLE & _CHANGED),
}
NUMBERS = tuple(OF_FACTS)
# The same, of tallies that stand.
OF_TALLIES: Mapping[str, Aggregate] = {name: Sum(name) for name in NUMBERS}
