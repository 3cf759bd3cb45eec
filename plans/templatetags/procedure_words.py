"""Words for what is recorded of a procedure."""

from django import template

from plans.models import Intervention
from plans.procedures import catalogue

register = template.Library()


@register.filter
def spinal_levels(intervention: Intervention) -> list[str]:
    return catalogue.levels_in_words(intervention.levels)
