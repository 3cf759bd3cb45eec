from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from clinic import clock
from outcomes.dashboards import charts

register = template.Library()


@register.simple_tag
def chart(drawn: charts.CourseChart | charts.PopulationChart) -> SafeString:
    return charts.render(drawn)


@register.simple_tag
def chart_table(drawn: charts.CourseChart | charts.PopulationChart) -> SafeString:
    return charts.render_table(drawn)


@register.filter
def local_time(moment: datetime, zone: str) -> str:
    """A moment in an IANA zone, such as "14 Oct 2026, 09:05"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{clock.in_words(local.date())}, {local:%H:%M}"
