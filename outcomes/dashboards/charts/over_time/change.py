"""Mean change from baseline over time, with the side that is better named."""

from collections.abc import Sequence

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts.over_time import population
from outcomes.dashboards.charts.over_time import rows as chart_rows
from outcomes.dashboards.charts.over_time.population import PopulationChart
from outcomes.dashboards.charts.over_time.rows import PopulationRow, PopulationSeries
from outcomes.dashboards.charts.over_time.view import ValueAxis
from outcomes.dashboards.statistics import Direction, Number

# Of the measure's range: less would draw noise as if it were a change.
LEAST_SHARE = 0.2
# Of the axis, on the side where nothing was seen: there is room to say which it is.
HEADROOM = 0.18


def change_chart(
    series: Sequence[PopulationSeries],
    *,
    chart_id: str,
    measure: str,
    low: Number,
    high: Number,
    better_is: Direction,
) -> PopulationChart:
    """Chart of up to eight groups; chart_id must be unique in its page.

    A point's mean, interval and SD are those of (value - baseline) in points of the
    measure, which runs from low to high. Leave out day 0: lines start there at nought.
    """
    rows = [
        chart_rows.rows_of(one, is_change=True) for one in population.checked(series)
    ]
    seen = [row for some in rows for row in some]
    values = _value_ticks(seen, float(high) - float(low), better_is)
    return population.chart_of(
        series,
        rows,
        ValueAxis(values, is_change=True, better_is=better_is),
        chart_id=chart_id,
        title=f"{measure}: mean change from the start",
        told=["lines are mean changes, bands 95 % intervals"],
    )


def _value_ticks(
    rows: Sequence[PopulationRow], span: float, better_is: Direction
) -> tuple[float, ...]:
    seen = [0.0, *(row.mean for row in rows if row.mean is not None)]
    # An interval of a few people would squeeze everybody else's; it ends at the plot.
    bounds = [bound for row in rows if row.ci and not row.is_few for bound in row.ci]
    seen += [min(max(bound, -span), span) for bound in bounds]
    low, high = min(seen), max(seen)
    least = LEAST_SHARE * span
    if high - low < least:
        low, high = (high - least, high) if better_is == "lower" else (low, low + least)
    room = HEADROOM * (high - low)
    return geometry.even_ticks(min(low, -room), max(high, room))
