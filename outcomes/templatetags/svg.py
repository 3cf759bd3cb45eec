"""Loops of the drawings, which templates would take too long for."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from outcomes.dashboards.charts import parts, svg
from outcomes.dashboards.charts.course import panels
from outcomes.dashboards.charts.geometry import Tick
from outcomes.dashboards.charts.groups import (
    distribution_panels,
    funnel_marks,
    names,
    people,
    shares,
)
from outcomes.dashboards.charts.groups.distribution_panels import Panel
from outcomes.dashboards.charts.groups.funnel import FunnelView
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.people import People
from outcomes.dashboards.charts.groups.shares import PlottedRow
from outcomes.dashboards.charts.over_time import drawing as over_time
from outcomes.dashboards.charts.over_time.view import PopulationView
from outcomes.dashboards.charts.parts import Part

register = template.Library()


@register.simple_tag
def grid(ticks: Iterable[Tick], left: float, right: float) -> SafeString:
    return svg.grid(ticks, left, right)


@register.simple_tag
def along(ticks: Iterable[Tick], y: float) -> SafeString:
    return svg.join([svg.along(ticks, y)])


@register.simple_tag
def lines(view: PopulationView) -> SafeString:
    return over_time.lines(view)


@register.simple_tag
def uprights(panel: panels.Panel) -> SafeString:
    return panels.uprights(panel)


@register.simple_tag
def answers(panel: panels.Panel) -> SafeString:
    return panels.answers(panel)


@register.simple_tag
def bars(panel: Panel, drawing: str) -> SafeString:
    return distribution_panels.bars(panel, drawing)


@register.simple_tag
def funnel(view: FunnelView) -> SafeString:
    return funnel_marks.drawn(view)


@register.simple_tag
def segments(row: PlottedRow, bar: float, size: float, drawing: str) -> SafeString:
    return shares.segments(row, bar, size, drawing)


@register.simple_tag
def persons(drawn: Iterable[People]) -> SafeString:
    return svg.join(people.marks(one) for one in drawn)


@register.simple_tag
def name(placed: Name, size: float) -> SafeString:
    return names.drawn(placed, size)


@register.simple_tag
def fill(part: Part, drawing: str) -> SafeString:
    return svg.join([parts.fill(part, drawing)])
