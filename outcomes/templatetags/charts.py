from django import template
from django.utils.safestring import SafeString

from outcomes.dashboards import charts
from outcomes.dashboards.charts import Drawn, Tabled

register = template.Library()
register.filter("percent", charts.percent)


@register.simple_tag
def chart(drawn: Drawn) -> SafeString:
    return charts.render(drawn)


@register.simple_tag
def chart_table(drawn: Tabled) -> SafeString:
    return charts.render_table(drawn)
