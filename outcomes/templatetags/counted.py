"""A number that leads to the people behind it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outcomes.dashboards.population.rates import Number

register = template.Library()


@register.simple_tag
def counted(number: Number, words: str, label: str) -> SafeString:
    """`words` say what is counted, `label` of which group, for who hears the link."""
    if not number.address:
        return format_html("{}", number.n)
    return format_html(
        '<a href="{}{}">{}<span class="visually-hidden"> {} of {}</span></a>',
        reverse("outcomes:outcome_list"),
        number.address,
        number.n,
        words,
        label,
    )
