"""What a population chart is given and what its points and its table both show."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.tables import HIDDEN, Cell, TableRow
from outcomes.dashboards.statistics import Direction, Interval


@dataclass(frozen=True, slots=True)
class PopulationPoint:
    """A cell of the table; mean is None where it is undefined or must be hidden.

    is_few is the caller's word that the cell is too small for a rate; with n=None
    as well, its size is hidden too.
    """

    day: int
    n: int | None
    mean: float | None
    ci: Interval | None = None
    sd: float | None = None
    is_few: bool = False


@dataclass(frozen=True, slots=True)
class PopulationSeries:
    """One group; points lie on the canonical day bins."""

    key: str
    label: str
    points: Sequence[PopulationPoint]


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """What a plotted point and its line in the table both show."""

    key: str
    series: str
    label: str
    day: int
    n: int | None
    mean: float | None
    sd: float | None
    ci: Interval | None
    is_few: bool
    # Of changes: numbers carry their sign in both directions.
    is_change: bool = False

    @property
    def raw(self) -> str:
        return "" if self.mean is None else str(self.mean)

    @property
    def n_text(self) -> str:
        return HIDDEN if self.n is None else str(self.n)

    @property
    def data(self) -> SafeString:
        low, high = self.ci or (None, None)
        return tables.attributes(
            f"{self.key} {self.day}",
            day=str(self.day),
            value=self.mean,
            n=self.n,
            low=low,
            high=high,
        )

    @property
    def mean_text(self) -> str:
        return "–" if self.mean is None else self._figure(self.mean)

    @property
    def sd_text(self) -> str:
        return "–" if self.sd is None else f"{self.sd:.2f}"

    @property
    def ci_text(self) -> str:
        if self.ci is None:
            return "–"
        return f"{self._figure(self.ci[0])} to {self._figure(self.ci[1])}"

    def _figure(self, value: float) -> str:
        if self.is_change:
            return chart_text.two_decimals(value, is_signed=True)
        return chart_text.two_decimals(value)

    @property
    def spoken(self) -> str:
        mean = "mean change" if self.is_change else "mean"
        facts = [f"{self.series}, {self.label}: {mean} {self.mean_text}"]
        if self.ci is not None:
            facts.append(f"95 % interval {self.ci_text}")
        if self.n is not None:
            facts.append("1 person" if self.n == 1 else f"{self.n} people")
        if self.is_few:
            facts.append("too few for a rate")
        return ", ".join(facts)


def rows_of(
    series: PopulationSeries, *, is_change: bool = False
) -> tuple[PopulationRow, ...]:
    return tuple(
        PopulationRow(
            key=series.key,
            series=series.label,
            label=chart_text.day_words(point.day),
            day=point.day,
            n=point.n,
            mean=point.mean,
            sd=point.sd,
            ci=point.ci,
            is_few=point.is_few,
            is_change=is_change,
        )
        for point in sorted(series.points, key=lambda point: point.day)
    )


def sentence(rows: Sequence[PopulationRow]) -> str:
    first, last = rows[0], rows[-1]
    start = f"{first.mean_text} at {first.label}"
    return f"{first.series}: {start}, {last.mean_text} at {last.label}."


def notes(
    rows: Sequence[PopulationRow],
    told: Sequence[str],
    better_is: Direction,
    ends: Interval,
) -> tuple[str, ...]:
    """`ends` are those of the value axis."""
    found = [chart_text.direction(better_is), *told]
    if any(row.is_few for row in rows):
        found.append("hollow: fewer than 10 people")
    if any(row.ci and (row.ci[0] < ends[0] or row.ci[1] > ends[1]) for row in rows):
        found.append("intervals that reach past the plot end at its edge")
    if any(row.n is None for row in rows):
        found.append(
            f"{HIDDEN} hidden, so that fewer than 10 people cannot be told apart"
        )
    return tuple(found)


def table_row(row: PopulationRow) -> TableRow:
    return TableRow(
        row.series,
        (
            Cell(row.label),
            Cell(row.n_text),
            Cell(row.mean_text),
            Cell(row.sd_text),
            Cell(row.ci_text),
        ),
        row.data,
        series=row.key,
    )
