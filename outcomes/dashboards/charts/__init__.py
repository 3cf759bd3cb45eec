"""Charts of the dashboards: numbers to geometry, drawn by SVG templates.

Each chart holds a wide and a compact variant and the rows which both plot, so the
table beside a chart can never differ from it. Marks and the table's cells carry the
same raw numbers as data attributes.

`geometry` and `text` say where and how large, `parts` how a better and a worse course
look, `tables` what mark and cell share, `svg` draws what repeats; `course` is one
patient, `over_time` means of groups, `groups` groups side by side at one time.
"""

from typing import ClassVar, Protocol

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from outcomes.dashboards.charts.capture import (
    CaptureBar,
    LiftChart,
    LiftRow,
    capture_bar,
    lift_chart,
)
from outcomes.dashboards.charts.course.chart import CourseChart, course_chart
from outcomes.dashboards.charts.course.rows import (
    CourseEvent,
    CoursePoint,
    CourseRow,
    CourseSeries,
    ExpectedCourse,
)
from outcomes.dashboards.charts.groups.distribution import (
    DistributionChart,
    distribution_chart,
)
from outcomes.dashboards.charts.groups.dumbbell import (
    DumbbellChart,
    DumbbellRow,
    dumbbell_chart,
)
from outcomes.dashboards.charts.groups.estimates import (
    Estimate,
    EstimatesChart,
    estimates_chart,
)
from outcomes.dashboards.charts.groups.funnel import FunnelChart, funnel_chart
from outcomes.dashboards.charts.groups.funnel_rows import FunnelLimit, FunnelPoint
from outcomes.dashboards.charts.groups.people import PersonDots, person_dots
from outcomes.dashboards.charts.groups.share_rows import ShareRow
from outcomes.dashboards.charts.groups.shares import SharesChart, outcome_shares
from outcomes.dashboards.charts.groups.steps import DistributionGroup
from outcomes.dashboards.charts.inline import (
    RateBar,
    Sparkline,
    percent,
    rate_bar,
    rate_words,
    sparkline,
)
from outcomes.dashboards.charts.over_time.change import change_chart
from outcomes.dashboards.charts.over_time.population import (
    PopulationChart,
    population_chart,
)
from outcomes.dashboards.charts.over_time.rows import (
    PopulationPoint,
    PopulationRow,
    PopulationSeries,
)
from outcomes.dashboards.charts.parts import PartWords
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
    "DistributionChart",
    "DistributionGroup",
    "Drawn",
    "DumbbellChart",
    "DumbbellRow",
    "Estimate",
    "EstimatesChart",
    "ExpectedCourse",
    "FunnelChart",
    "FunnelLimit",
    "FunnelPoint",
    "LiftChart",
    "LiftRow",
    "PartWords",
    "PersonDots",
    "PopulationChart",
    "PopulationPoint",
    "PopulationRow",
    "PopulationSeries",
    "RateBar",
    "ShareRow",
    "SharesChart",
    "SourceCount",
    "SourcesChart",
    "SpanRow",
    "SpansChart",
    "Sparkline",
    "Tabled",
    "capture_bar",
    "change_chart",
    "course_chart",
    "distribution_chart",
    "dumbbell_chart",
    "estimates_chart",
    "funnel_chart",
    "lift_chart",
    "number",
    "outcome_shares",
    "percent",
    "person_dots",
    "population_chart",
    "rate_bar",
    "rate_words",
    "render",
    "render_table",
    "sources_chart",
    "spans_chart",
    "sparkline",
]


class Drawn(Protocol):
    """A chart which a template draws."""

    template_name: ClassVar[str]


class Tabled(Drawn, Protocol):
    """A chart whose rows a template tells as a table."""

    table_template_name: ClassVar[str]


def render(chart: Drawn) -> SafeString:
    """The chart as markup for a page; needs charts.css and charts.js there."""
    return render_to_string(chart.template_name, {"chart": chart})


def render_table(chart: Tabled) -> SafeString:
    """The numbers of the chart as a table."""
    return render_to_string(chart.table_template_name, {"chart": chart})
