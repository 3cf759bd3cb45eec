"""What a funnel plot is given: rates, and what chance alone gives at each n."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.tables import Cell, TableRow
from outcomes.dashboards.statistics import Interval


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One provider or place; rate is a share from 0 to 1, None where it is hidden.

    The own point is named and coloured wherever it lies.
    """

    key: str
    label: str
    n: int | None
    rate: float | None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class FunnelLimit:
    """Shares between which chance alone keeps a rate of n people."""

    n: int
    inner: Interval
    outer: Interval


class Place(StrEnum):
    INSIDE = "inside"
    # Past the 95 % limits, and past the 99.8 % ones.
    OUTSIDE = "outside"
    FAR = "far"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """What a plotted point and its line in the table both show."""

    point: FunnelPoint
    limit: FunnelLimit | None
    place: Place

    @property
    def data(self) -> SafeString:
        low, high = self.limit.inner if self.limit else (None, None)
        return tables.attributes(
            self.point.key, value=self.point.rate, n=self.point.n, low=low, high=high
        )

    @property
    def is_named(self) -> bool:
        return self.point.is_own or self.place in (Place.OUTSIDE, Place.FAR)

    @property
    def rate_text(self) -> str:
        if self.point.rate is None:
            return tables.HIDDEN
        return f"{100 * self.point.rate:.1f} %"

    @property
    def verdict(self) -> str:
        if self.limit is None or self.point.rate is None:
            return tables.HIDDEN_WORDS
        if self.place == Place.INSIDE:
            return "within what chance alone gives"
        side = "above" if self.point.rate > self.limit.inner[1] else "below"
        level = "99.8 %" if self.place == Place.FAR else "95 %"
        return f"{side} the {level} limits"

    @property
    def spoken(self) -> str:
        return f"{self.point.label}: {self.rate_text} of {self.point.n}, {self.verdict}"


def rows_of(
    points: Sequence[FunnelPoint], limits: Mapping[int, FunnelLimit]
) -> tuple[FunnelRow, ...]:
    """In the order of their names: an order by rate would be a ranking."""
    ordered = sorted(points, key=lambda point: (point.label.casefold(), point.key))
    return tuple(_row(point, limits) for point in ordered)


def _row(point: FunnelPoint, limits: Mapping[int, FunnelLimit]) -> FunnelRow:
    if point.n is None or point.rate is None:
        return FunnelRow(point, None, Place.HIDDEN)
    limit = limits.get(point.n)
    if limit is None:
        raise ValueError(f"{point.label} has n = {point.n}, which has no limits")
    place = Place.INSIDE
    if _is_past(point.rate, limit.outer):
        place = Place.FAR
    elif _is_past(point.rate, limit.inner):
        place = Place.OUTSIDE
    return FunnelRow(point, limit, place)


def _is_past(rate: float, limits: Interval) -> bool:
    """Strictly: the limits themselves are counts that chance still gives."""
    return rate < limits[0] - 1e-9 or rate > limits[1] + 1e-9


def table_row(row: FunnelRow) -> TableRow:
    limits = (chart_text.UNDEFINED, chart_text.UNDEFINED)
    if row.limit:
        limits = (_limits_text(row.limit.inner), _limits_text(row.limit.outer))
    return TableRow(
        row.point.label,
        (
            Cell(tables.count(row.point.n)),
            Cell(row.rate_text),
            *map(Cell, limits),
            Cell(row.verdict),
        ),
        row.data,
    )


def _limits_text(limits: Interval) -> str:
    low, high = (f"{100 * end:.0f}" for end in limits)
    return f"{low} to {high} %"
