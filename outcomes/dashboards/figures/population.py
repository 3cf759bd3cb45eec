"""How groups of patients do: what the page, the API and the sheets all read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clinic import access
from clinic.models import User
from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.facts import judging
from outcomes.dashboards.figures import (
    cells,
    choices,
    counting,
    hiding,
)
from outcomes.dashboards.figures.cells import Group, Result
from outcomes.dashboards.figures.choices import Choices
from outcomes.dashboards.figures.dimensions import ALL, Groups
from outcomes.dashboards.statistics import Rule, regression
from outcomes.dashboards.statistics.regression import Expected
from outcomes.models import Episode, Measure, OutcomeFact

PREFERRED_DAY = 365
TOGETHER = "All patients"


@dataclass(frozen=True, slots=True)
class Figures:
    """`together` is all groups as one; None for who may not see small ones.

    `day` is where rates are told, None before anybody has answered. `expected` is
    how far scores would fall if nothing worked. `began_lower` is how many a lowest
    baseline leaves out. `stale` courses are counted anew.
    """

    measure: Measure
    measures: tuple[Measure, ...]
    chosen: Choices
    rule: Rule
    groups: tuple[Group, ...]
    together: Group | None
    days: tuple[int, ...]
    day: int | None
    there_are: Groups
    expected: Expected
    began_lower: int
    stale: int


def read(user: User, data: Mapping[str, Any], *, every_day: bool = False) -> Figures:
    """At most nine queries. ValidationError names each choice that is not known.

    Results are told at the chosen day, or at every one.
    """
    chosen, measure, measures = choices.read(user, data)
    return of(user, chosen, measure, measures, every_day=every_day)


def of(
    user: User,
    chosen: Choices,
    measure: Measure,
    measures: Iterable[Measure] = (),
    *,
    every_day: bool = False,
) -> Figures:
    there_are = Groups(user, choices.options(user, measure))
    choices.check_groups(chosen, there_are.keys)
    rule = statistics.RULES[chosen.rule]
    trend = counting.over_time(user, measure.pk, chosen)
    days = sorted({row["bin_day"] for row in trend if row["answered"]})
    day = preferred_day(chosen, days)
    chosen = replace(chosen, day=day)
    sees_few = access.sees_small_cells(user)
    # What is hidden must be the same whatever day is asked for: of two pages that hide
    # different groups of one day, each would tell what the other hides.
    told_at = day if sees_few and not every_day else None
    rows = counting.in_steps(user, measure.pk, chosen, told_at) if days else []
    named = {"": TOGETHER} if chosen.by == ALL else there_are.named(chosen.by)
    groups = cells.groups_of(trend, named, cells.results_of(rows, measure, rule))
    together: Group | None = _together(trend, rows, measure, rule)
    if not sees_few:
        groups, together = hiding.hide_small(groups), None
    return Figures(
        measure=measure,
        measures=tuple(measures),
        chosen=chosen,
        rule=rule,
        groups=tuple(groups),
        together=together,
        days=tuple(one for one in days if one != time_axis.BASELINE),
        day=day,
        there_are=there_are,
        expected=_expected(user, chosen, measure),
        began_lower=_began_lower(user, chosen, measure, together),
        stale=stale(user),
    )


def preferred_day(chosen: Choices, days: list[int]) -> int | None:
    """The one asked for; else a year, or the last there is."""
    after = [day for day in days if day != time_axis.BASELINE]
    if chosen.day is not None:
        return chosen.day
    if PREFERRED_DAY in after:
        return PREFERRED_DAY
    return after[-1] if after else None


def _together(
    trend: list[counting.Row], rows: list[counting.Row], measure: Measure, rule: Rule
) -> Group | None:
    """Each fact is in one group, so that all of them add up to everybody."""
    results = cells.results_of(_as_one(rows), measure, rule)
    found = cells.groups_of(_as_one(trend), {"": TOGETHER}, results)
    return found[0] if found else None


def _as_one(rows: list[counting.Row]) -> list[counting.Row]:
    summed: dict[tuple[Any, ...], counting.Row] = {}
    for row in rows:
        place = {name: row[name] for name in cells.KEYS if name in row} | {"key": ""}
        held = summed.setdefault(tuple(place.values()), place)
        for name, number in row.items():
            if name not in cells.KEYS:
                held[name] = held.get(name, 0) + number
    return list(summed.values())


def _expected(user: User, chosen: Choices, measure: Measure) -> Expected:
    """For who entered at or beyond a cut, from all the clinic's baselines."""
    cut = entry_cut(chosen, measure)
    if cut is None and chosen.baseline_from is not None:
        return Expected(None, None, "a lowest baseline chooses those who began well")
    if cut is None:
        return Expected(
            None,
            None,
            "without a choice of those who began badly nothing tells how far from "
            "their usual level these people began",
        )
    everybody = Choices(measure=measure.key, by=ALL)
    usual = _baseline_of_all(user, everybody, measure)
    if usual is None or usual.mean is None or not usual.sd:
        return Expected(None, None, "too few baselines")
    agreement = regression.agreement(measure.mdc_points, usual.sd)
    if agreement.r is None:
        return Expected(None, None, agreement.why_not)
    return regression.expected_with_cut(
        usual.mean, usual.sd, agreement.r, cut, measure.direction
    )


def _began_lower(
    user: User, chosen: Choices, measure: Measure, together: Group | None
) -> int:
    if chosen.baseline_from is None:
        return 0
    everybody = replace(chosen, baseline_from=None, by=ALL)
    rows = counting.in_steps(user, measure.pk, everybody, time_axis.BASELINE)
    start = together.at(time_axis.BASELINE) if together else None
    return sum(row["answered"] for row in rows) - (start.answered.n if start else 0)


def entry_cut(chosen: Choices, measure: Measure) -> float | None:
    """From which baseline on people are chosen who began badly; None for all others.

    Of the severities only the worst has no other end; and a lowest baseline chooses
    those who began well where higher is better.
    """
    cuts = []
    if chosen.baseline_from is not None and measure.direction == "lower":
        cuts.append(float(chosen.baseline_from))
    if chosen.narrowed.get("severity") == OutcomeFact.Severity.SEVERE:
        cuts.append(judging.severe_from(judging.scale_of(measure)))
    return max(cuts, default=None)


def _baseline_of_all(
    user: User, everybody: Choices, measure: Measure
) -> statistics.Summary | None:
    trend = counting.over_time(user, measure.pk, everybody)
    groups = cells.groups_of(trend, {}, {})
    point = groups[0].at(time_axis.BASELINE) if groups else None
    return point.answered if point else None


def providers(user: User, found: Figures) -> dict[str, Result]:
    """Of each provider at the chosen day, by id; empty for who sees no small cells."""
    if found.day is None or not access.sees_small_cells(user):
        return {}
    if found.chosen.by == "provider":
        results = {group.key: group.at(found.day) for group in found.groups}
        return {k: one.result for k, one in results.items() if one and one.result}
    chosen = replace(found.chosen, by="provider")
    rows = counting.in_steps(user, found.measure.pk, chosen, found.day)
    of_all = cells.results_of(rows, found.measure, found.rule)
    return {key: result for (key, _), result in of_all.items()}


def stale(user: User) -> int:
    """Courses whose facts wait for the worker."""
    if user.membership is None:
        return 0
    return Episode.objects.filter(
        clinic=user.membership.clinic_id, facts_due_at__isnull=False
    ).count()
