"""The population page: figures as charts, and a way to the people behind each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic import access
from clinic.access import Act
from clinic.models import User
from outcomes.dashboards import charts, statistics, time_axis
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import choices, harms, population
from outcomes.dashboards.figures.cells import Group, Point, Result
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.one_patient.course import scale_words
from outcomes.dashboards.population import filters, funnel
from outcomes.dashboards.population.rates import RateRow, Rates, is_drawn
from outcomes.models import Measure

CHARTED = 8
# Panels side by side; the rest of the groups stands in the tables.
PANELS = 6


@dataclass(frozen=True, slots=True)
class PopulationPage:
    figures: Figures
    filters: filters.Filters
    by: str
    change: charts.PopulationChart | None
    level: charts.PopulationChart | None
    rates: tuple[RateRow, ...]
    all_row: RateRow | None
    shares: charts.SharesChart | None
    distribution: charts.DistributionChart | None
    funnel: funnel.Funnel | None
    uncharted: int
    tells_harms: bool

    @property
    def measure(self) -> Measure:
        return self.figures.measure

    @property
    def scale_words(self) -> str:
        return scale_words(self.measure)

    @property
    def day_label(self) -> str:
        day = self.figures.day
        return "" if day is None else text.day_words(day)

    @property
    def is_empty(self) -> bool:
        return not self.figures.groups

    @property
    def apart(self) -> str:
        """Such as "3 who died and 12 who withdrew before it was over"."""
        together = self.figures.together
        point = together.at(self.figures.day) if together else None
        if point is None or point.result is None:
            return ""
        found = {"died": point.result.died, "withdrew": point.result.withdrew}
        said = [f"{n} who {what}" for what, n in found.items() if n]
        return f"{' and '.join(said)} before it was over" if said else ""

    @property
    def entry_cut(self) -> str:
        cut = population.entry_cut(self.figures.chosen, self.measure)
        return "" if cut is None else text.number(round(cut, 2))

    @property
    def expected_fall(self) -> str:
        found = self.figures.expected.improvement
        return "" if found is None else text.number(round(found, 2))


def build(user: User, asked: Mapping[str, Any]) -> PopulationPage:
    """ValidationError names the choice that is not known."""
    found = population.read(user, asked)
    sizable = [group for group in found.groups if is_drawn(found, group.size)]
    charted = sizable[:CHARTED]
    drawn = [
        group
        for group in charted
        if (point := group.at(found.day)) and is_drawn(found, point.change.n)
    ]
    lists = access.can(user, Act.READ_ANSWERS) and access.can(user, Act.READ_PATIENTS)
    harmed = harms.by_group(user, found.measure.pk, found.chosen)
    tells_harms = access.can(user, Act.READ_PLANS) and access.sees_small_cells(user)
    rows = Rates(found, harmed, lists=lists)
    told = [group for group in drawn if _answered(group.at(found.day))]
    return PopulationPage(
        figures=found,
        filters=filters.of(user, found),
        by="" if found.chosen.by == ALL else DIMENSIONS[found.chosen.by].by,
        change=_change_chart(found, charted),
        level=_level_chart(found, charted),
        rates=tuple(rows.of(group, place) for place, group in enumerate(found.groups)),
        all_row=rows.together(),
        shares=_shares(found, drawn),
        distribution=_distribution(found, told[:PANELS]),
        funnel=funnel.of(user, found),
        uncharted=len(found.groups) - len(charted),
        tells_harms=tells_harms,
    )


def _answered(point: Point | None) -> bool:
    return bool(point and point.result and point.result.answered)


def _change_chart(found: Figures, groups: list[Group]) -> charts.PopulationChart | None:
    series = [
        charts.PopulationSeries(
            key=group.key or choices.NONE,
            label=group.label,
            points=[
                _change_point(point)
                for point in group.points
                if point.day != time_axis.BASELINE and is_drawn(found, point.change.n)
            ],
        )
        for group in groups
    ]
    # None is hidden, and hidden is not nobody.
    has_any = any(point.n != 0 for one in series for point in one.points)
    if not has_any or not found.measure.is_asked_at_baseline:
        return None
    return charts.change_chart(series, chart_id="change", **_scale(found.measure))


def _level_chart(found: Figures, groups: list[Group]) -> charts.PopulationChart | None:
    if not groups:
        return None
    series = [
        charts.PopulationSeries(
            key=group.key or choices.NONE,
            label=group.label,
            points=[
                _level_point(point)
                for point in group.points
                if point.tells_level and is_drawn(found, point.answered.n)
            ],
        )
        for group in groups
    ]
    return charts.population_chart(series, chart_id="level", **_scale(found.measure))


def _scale(measure: Measure) -> dict[str, Any]:
    return {
        "measure": measure.name,
        "low": measure.minimum,
        "high": measure.maximum,
        "better_is": measure.direction,
    }


def _change_point(point: Point) -> charts.PopulationPoint:
    return charts.PopulationPoint(
        day=point.day,
        n=None if point.is_hidden else point.change.n,
        mean=point.change.mean,
        ci=point.change.ci,
        sd=point.change.sd,
        is_few=statistics.is_too_few(point.change.n),
    )


def _level_point(point: Point) -> charts.PopulationPoint:
    return charts.PopulationPoint(
        day=point.day,
        n=None if point.is_hidden else point.answered.n,
        mean=point.answered.mean,
        ci=point.answered.ci,
        sd=point.answered.sd,
        is_few=point.is_too_few,
    )


def _shares(found: Figures, groups: list[Group]) -> charts.SharesChart | None:
    rows = []
    for group in groups:
        point = group.at(found.day)
        if point is None or not found.measure.is_asked_at_baseline:
            continue
        result = point.result
        if point.is_hidden or (result and result.responders):
            rows.append(_share_row(group, result))
    if not rows:
        return None
    return charts.outcome_shares(
        rows,
        chart_id="shares",
        title=f"Better and worse at {text.day_words(found.day or 0)}",
        notes=_shares_notes(found, [group.at(found.day) for group in groups]),
    )


def _shares_notes(found: Figures, points: list[Point | None]) -> list[str]:
    notes = [
        "shares of all who were due",
        f"improved: {found.rule.label}",
        "worse: by the same weight",
    ]
    results = [point.result for point in points if point and point.result]
    # They answered, and stand outside the rate.
    from_0 = sum(
        one.answered - one.responders.answered for one in results if one.responders
    )
    if from_0:
        notes.append(f"{from_0} began at 0 and cannot improve by a percentage")
    return notes


def _share_row(group: Group, result: Result | None) -> charts.ShareRow:
    key = group.key or choices.NONE
    if result is None or not (result.responders and result.worsened):
        return charts.ShareRow(key, group.label, None, None, None, None)
    return charts.ShareRow(
        key=key,
        label=group.label,
        worsened=result.worsened.worsened,
        unchanged=result.unchanged,
        improved=result.responders.improved,
        unanswered=result.missing,
    )


def _distribution(
    found: Figures, groups: list[Group]
) -> charts.DistributionChart | None:
    drawn = [
        charts.DistributionGroup(
            key=group.key or choices.NONE,
            label=group.label,
            steps=_changes(found.measure, point.result),
        )
        for group in groups
        if (point := group.at(found.day)) and point.result and point.result.steps
    ]
    if not drawn:
        return None
    return charts.distribution_chart(
        drawn,
        chart_id="distribution",
        title=f"How much people changed by {text.day_words(found.day or 0)}",
        better_is=found.measure.direction,
        meaningful=found.measure.mic_points,
    )


def _changes(measure: Measure, result: Result) -> list[tuple[float, float, int]]:
    """From steps of improvement to steps of change, the lowest first."""
    if measure.direction == "higher":
        return [(step.low, step.high, step.n) for step in result.steps]
    return [(-step.high, -step.low, step.n) for step in reversed(result.steps)]
