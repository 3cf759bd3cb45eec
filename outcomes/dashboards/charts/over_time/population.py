"""Means of a measure over time, a line for each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES
from outcomes.dashboards.charts.over_time import rows as chart_rows
from outcomes.dashboards.charts.over_time import view
from outcomes.dashboards.charts.over_time.rows import PopulationRow, PopulationSeries
from outcomes.dashboards.charts.over_time.series import LAYOUTS
from outcomes.dashboards.charts.over_time.view import PopulationView, ValueAxis
from outcomes.dashboards.charts.tables import Column, Table
from outcomes.dashboards.statistics import Direction, Number

FLAT_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class PopulationChart:
    """All variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/population.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[PopulationRow, ...]
    is_change: bool
    views: tuple[PopulationView, ...]

    @property
    def table(self) -> Table:
        mean = "Mean change" if self.is_change else "Mean"
        return tables.table(
            self.title,
            [
                Column("Group", is_number=False),
                Column("Time point", is_number=False),
                Column("n"),
                Column(mean),
                Column("SD"),
                Column("95 % interval"),
            ],
            [chart_rows.table_row(row) for row in self.rows],
        )


def population_chart(
    series: Sequence[PopulationSeries],
    *,
    chart_id: str,
    measure: str,
    low: Number,
    high: Number,
    better_is: Direction,
) -> PopulationChart:
    """Chart of up to eight groups; chart_id must be unique in its page."""
    rows = [chart_rows.rows_of(one) for one in checked(series)]
    seen = [row for some in rows for row in some]
    values = _value_ticks(seen, float(low), float(high))
    title = f"{measure}: mean, {chart_text.number(low)}–{chart_text.number(high)}"
    axis = ValueAxis(values, is_change=False, better_is=better_is)
    told = ["lines are means, bands 95 % intervals"]
    if values[0] > low:
        told.append(f"axis starts at {chart_text.number(values[0])}")
    return chart_of(series, rows, axis, chart_id=chart_id, title=title, told=told)


def checked(series: Sequence[PopulationSeries]) -> Sequence[PopulationSeries]:
    if len(series) > len(STYLES):
        raise ValueError(
            f"a chart holds {len(STYLES)} groups, got {len(series)}: "
            "narrow the filter or join the smallest ones"
        )
    return series


def chart_of(
    series: Sequence[PopulationSeries],
    per_series: Sequence[tuple[PopulationRow, ...]],
    axis: ValueAxis,
    *,
    chart_id: str,
    title: str,
    told: Sequence[str],
) -> PopulationChart:
    rows = tuple(row for some in per_series for row in some)
    return PopulationChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(chart_rows.sentence(some) for some in per_series if some),
        notes=chart_rows.notes(
            rows, told, axis.better_is, (axis.values[0], axis.values[-1])
        ),
        rows=rows,
        is_change=axis.is_change,
        views=tuple(
            view.view_of(layout, axis, series, per_series)
            for layout in view.layouts_for(axis, LAYOUTS)
        )
        if rows
        else (),
    )


def _value_ticks(
    rows: Sequence[PopulationRow], low: float, high: float
) -> tuple[float, ...]:
    """Ticks from the measure's lower end, unless that would squeeze the data flat."""
    seen = [row.mean for row in rows if row.mean is not None]
    if not seen:
        return geometry.even_ticks(low, high)
    # An interval may reach past what the measure can be; the axis does not follow,
    # nor does it follow the wide one of a few people.
    bounds = [bound for row in rows if row.ci and not row.is_few for bound in row.ci]
    seen += [min(max(bound, low), high) for bound in bounds]
    top, bottom = max(seen), min(seen)
    is_flat = top - bottom < FLAT_SHARE * (top - low)
    start = bottom if is_flat else min(low, bottom)
    least = (high - low) / 5
    if top - start < least:
        start = max(min(top, high) - least, min(low, bottom))
    return geometry.even_ticks(start, max(top, start + least))
