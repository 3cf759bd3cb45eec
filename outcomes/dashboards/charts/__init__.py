"""Charts of the dashboards: numbers to geometry, drawn by SVG templates.

Each chart holds a wide and a compact variant and the rows which both plot, so the
table beside a chart can never differ from it.
"""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from outcomes.dashboards.charts.capture import (
    CaptureBar,
    LiftChart,
    LiftRow,
    capture_bar,
    lift_chart,
)
from outcomes.dashboards.charts.course import CourseChart, course_chart
from outcomes.dashboards.charts.course_rows import (
    CourseEvent,
    CoursePoint,
    CourseRow,
    CourseSeries,
)
from outcomes.dashboards.charts.inline import (
    RateBar,
    Sparkline,
    percent,
    rate_bar,
    rate_words,
    sparkline,
)
from outcomes.dashboards.charts.population import PopulationChart, population_chart
from outcomes.dashboards.charts.population_rows import (
    PopulationPoint,
    PopulationRow,
    PopulationSeries,
)
from outcomes.dashboards.charts.sources import SourceCount, SourcesChart, sources_chart
from outcomes.dashboards.charts.spans import SpanRow, SpansChart, spans_chart
from outcomes.dashboards.charts.text import number

__all__ = [
    "CaptureBar",
    "CourseChart",
    "CourseEvent",
    "CoursePoint",
    "CourseRow",
    "CourseSeries",
    "LiftChart",
    "LiftRow",
    "PopulationChart",
    "PopulationPoint",
    "PopulationRow",
    "PopulationSeries",
    "RateBar",
    "SourceCount",
    "SourcesChart",
    "SpanRow",
    "SpansChart",
    "Sparkline",
    "capture_bar",
    "course_chart",
    "lift_chart",
    "number",
    "percent",
    "population_chart",
    "rate_bar",
    "rate_words",
    "render",
    "render_table",
    "sources_chart",
    "spans_chart",
    "sparkline",
]


def render(
    chart: CaptureBar
    | CourseChart
    | LiftChart
    | PopulationChart
    | RateBar
    | SourcesChart
    | SpansChart
    | Sparkline,
) -> SafeString:
    """The chart as markup for a page; needs charts.css and charts.js there."""
    return render_to_string(chart.template_name, {"chart": chart})


def render_table(chart: CourseChart | PopulationChart) -> SafeString:
    """The numbers of the chart as a table."""
    return render_to_string(chart.table_template_name, {"chart": chart})
