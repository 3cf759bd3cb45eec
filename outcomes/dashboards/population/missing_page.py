"""Who is missing: who answered and who did not, and which way that may lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinic import access
from clinic.access import Act
from clinic.models import User
from outcomes.dashboards import charts
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import missing
from outcomes.dashboards.figures.choices import Choices
from outcomes.dashboards.figures.dimensions import DIMENSIONS
from outcomes.dashboards.figures.missing import Answering, Missing
from outcomes.dashboards.figures.parts import Part
from outcomes.dashboards.population import filters
from outcomes.dashboards.statistics import Difference

ASKED = ("measure", "day")
LIKELY = {
    "good": "Results among those who answered probably look better than they are.",
    "poor": "Results among those who answered probably look worse than they are.",
    "unlike": "Those who did not answer began otherwise than those who did. Which way "
    "that leads cannot be said.",
    "": "Nothing here says that the missing differ from those who answered; with so "
    "few, or so little known of them, that is no proof that they do not.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A day or a group, how many are due and how many answered."""

    label: str
    answering: Answering
    # Of the lists behind the numbers; empty where the reader may not see people.
    answered_address: str
    missing_address: str

    @property
    def rate(self) -> str:
        return charts.percent(self.answering.rate)

    @property
    def interval(self) -> str:
        ci = self.answering.ci
        return f"{charts.percent(ci[0])} to {charts.percent(ci[1])}" if ci else ""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class MissingPage:
    found: Missing
    filters: filters.Filters
    days: Table
    tables: Sequence[Table]
    chart: charts.DumbbellChart | None

    @property
    def day_label(self) -> str:
        day = self.found.day
        return "" if day is None else text.day_words(day)

    @property
    def likely(self) -> str:
        return LIKELY[self.found.leads.likely]

    @property
    def baseline_words(self) -> str:
        return _apart_words(
            self.found.baseline, self.found.measure.direction, "began", "points"
        )

    @property
    def course_words(self) -> str:
        return _apart_words(
            self.found.course, self.found.measure.direction, "had changed", "points"
        )


def _apart_words(found: Difference, better_is: str, did: str, unit: str) -> str:
    """Such as "0.8 points worse (95 % interval 0.2 to 1.4)"; empty if not known."""
    if found.mean is None:
        return ""
    sign = 1 if better_is == "lower" else -1
    worse = sign * found.mean
    said = f"{did} {text.number(round(abs(worse), 1))} {unit} "
    said += "worse" if worse > 0 else "better"
    if found.ci is None:
        return said
    low, high = sorted(sign * end for end in found.ci)
    ends = f"{text.signed(round(low, 1))} to {text.signed(round(high, 1))}"
    return f"{said} (95 % interval {ends}, + is worse)"


def build(user: User, asked: Mapping[str, Any]) -> MissingPage:
    """ValidationError names the choice that is not known."""
    found = missing.read(user, asked)
    lists = access.can(user, Act.READ_PATIENTS)
    days = [
        _line(text.day_words(day), one, found.chosen.at(day), lists=lists)
        for day, one in found.points
    ]
    return MissingPage(
        found=found,
        filters=filters.of(user, found, ASKED),
        days=Table("At each time point", "Time point", days),
        tables=[
            _table(found, name, groups, lists=lists)
            for name, groups in found.groups.items()
        ],
        chart=_chart(found),
    )


def _table(
    found: Missing, name: str, groups: Sequence[Answering], *, lists: bool
) -> Table:
    dimension = DIMENSIONS[name]
    lines = [
        _line(one.label, one, found.chosen.with_group(name, one.key), lists=lists)
        for one in groups
    ]
    return Table(f"By {dimension.by}", dimension.noun, lines)


def _line(label: str, one: Answering, chosen: Choices, *, lists: bool) -> Line:
    return Line(
        label=label,
        answering=one,
        answered_address=chosen.address(part=Part.ANSWERED) if lists else "",
        missing_address=chosen.address(part=Part.MISSING) if lists else "",
    )


def _chart(found: Missing) -> charts.DumbbellChart | None:
    """At the start, of those who answered and did not, at each time point."""
    rows = [
        charts.DumbbellRow(
            key=str(day),
            label=text.day_words(day),
            answered=one.result.answered_baseline.mean,
            answered_n=one.result.answered_baseline.n,
            missing=one.result.missing_baseline.mean,
            missing_n=one.result.missing_baseline.n,
        )
        for day, one in found.points
    ]
    if not rows:
        return None
    return charts.dumbbell_chart(
        rows,
        chart_id="missing",
        title=f"{found.measure.name} at the start: who answered later, and who did not",
        notes=[text.direction(found.measure.direction)],
    )
