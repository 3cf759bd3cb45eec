"""How a day that is known in part is written on staff pages."""

from django import template

from plans.course import partial_days
from plans.models import TreatmentElsewhere

register = template.Library()


@register.filter
def partial_day(treatment: TreatmentElsewhere) -> str:
    """When it began: 14 Mar 2024, Mar 2024 or 2024."""
    return partial_days.in_words(treatment.began_on, treatment.precision)
