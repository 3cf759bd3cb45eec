from django import template
from django.utils.safestring import SafeString

from outcomes.dashboards import charts

register = template.Library()
register.filter("percent", charts.percent)


@register.simple_tag
def chart(
    drawn: charts.CourseChart
    | charts.LiftChart
    | charts.PopulationChart
    | charts.SourcesChart
    | charts.SpansChart,
) -> SafeString:
    return charts.render(drawn)


@register.simple_tag
def chart_table(drawn: charts.CourseChart | charts.PopulationChart) -> SafeString:
    return charts.render_table(drawn)
