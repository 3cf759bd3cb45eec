"""The population page: choices from the address, the chart and the rate table."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from clinic import access
from clinic.models import User
from outcomes.dashboards import charts, statistics, time_axis
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.cohort import Cell, Cohort, Group, cohort
from outcomes.dashboards.course import scale_words
from outcomes.models import Measure

CHARTED = 8
BASELINE_FLOOR = 3
PREFERRED_DAY = 365


@dataclass(frozen=True, slots=True)
class RateRow:
    """One treatment at the chosen time point."""

    label: str
    cell: Cell
    bar: SafeString | None

    @property
    def capture(self) -> str:
        found = self.cell.responders
        return charts.percent(found.capture) if found else ""

    @property
    def rate(self) -> str:
        found = self.cell.responders
        return charts.percent(found.rate) if found else ""

    @property
    def interval(self) -> str:
        found = self.cell.responders
        if found is None or found.ci is None:
            return ""
        return f"{charts.percent(found.ci[0])} to {charts.percent(found.ci[1])}"

    @property
    def bounds(self) -> str:
        found = self.cell.responders
        if found is None:
            return ""
        return (
            f"{charts.percent(found.if_missing_failed)} to "
            f"{charts.percent(found.if_missing_succeeded)}"
        )

    @property
    def change(self) -> str:
        found = self.cell.change
        return "" if found.mean is None else f"{found.mean:+.1f}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class PopulationPage:
    cohort: Cohort
    measures: list[Measure]
    rules: list[statistics.Rule]
    baseline_from: int | None
    floor: int | None
    day: int | None
    days: list[tuple[int, str]]
    chart: charts.PopulationChart | None
    rates: list[RateRow]
    uncharted: int

    @property
    def scale_words(self) -> str:
        return scale_words(self.cohort.measure)

    @property
    def day_label(self) -> str:
        return "" if self.day is None else chart_text.day_words(self.day)


def build(user: User, choices: Mapping[str, str]) -> PopulationPage:
    """ValidationError names the choice that is not known."""
    measures = list(Measure.objects.visible_to(user))
    chooses = access.sees_small_cells(user)
    rules = list(statistics.RULES.values()) if chooses else [statistics.DEFAULT_RULE]
    if not measures:
        raise ValidationError("This clinic has no measures yet.")
    found = cohort(
        user,
        choices.get("measure") or measures[0].key,
        rule_key=choices.get("rule") or statistics.DEFAULT_RULE.key,
        baseline_from=BASELINE_FLOOR if choices.get("baseline") else None,
    )
    days = [day for day in found.days if day != time_axis.BASELINE]
    day = chosen_day(choices.get("day", ""), days)
    charted = sorted(found.groups, key=size, reverse=True)[:CHARTED]
    return PopulationPage(
        cohort=found,
        measures=measures,
        rules=rules,
        baseline_from=BASELINE_FLOOR if choices.get("baseline") else None,
        floor=BASELINE_FLOOR if chooses else None,
        day=day,
        days=[(day, chart_text.day_words(day)) for day in days],
        chart=chart_of(found, charted) if charted else None,
        rates=rates_at(found, day),
        uncharted=len(found.groups) - len(charted),
    )


def chosen_day(asked: str, days: list[int]) -> int | None:
    """The day asked for; else one year, or the last there is."""
    if asked:
        if not asked.isdecimal() or int(asked) not in days:
            known = ", ".join(str(day) for day in days) or "none yet"
            raise ValidationError(
                {"day": f"No answers on day {asked!r}; days with answers: {known}."}
            )
        return int(asked)
    if PREFERRED_DAY in days:
        return PREFERRED_DAY
    return days[-1] if days else None


def size(group: Group) -> int:
    return max((cell.answered.n for cell in group.cells), default=0)


def chart_of(found: Cohort, groups: list[Group]) -> charts.PopulationChart:
    measure = found.measure
    return charts.population_chart(
        [
            charts.PopulationSeries(
                key=group.key,
                label=group.label,
                points=[point_of(cell) for cell in group.cells],
            )
            for group in groups
        ],
        chart_id="population",
        measure=measure.name,
        low=measure.minimum,
        high=measure.maximum,
        better_is=measure.direction,
    )


def point_of(cell: Cell) -> charts.PopulationPoint:
    return charts.PopulationPoint(
        day=cell.day,
        n=None if cell.is_hidden else cell.answered.n,
        mean=cell.answered.mean,
        ci=cell.answered.ci,
        sd=cell.answered.sd,
        is_few=cell.is_too_few,
    )


def rates_at(found: Cohort, day: int | None) -> list[RateRow]:
    if day is None:
        return []
    rows = []
    for place, group in enumerate(sorted(found.groups, key=size, reverse=True)):
        cell = group.at(day)
        if cell is None:
            continue
        bar = (
            charts.render(
                charts.rate_bar(cell.responders, label=group.label, place=place)
            )
            if cell.responders
            else None
        )
        rows.append(RateRow(label=group.label, cell=cell, bar=bar))
    return rows
