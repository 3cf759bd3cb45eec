"""The card of a block diary, on the page of its injection."""

from typing import Any

from django import template

from outcomes.in_clinic import diary_staff
from plans.models import Intervention

register = template.Library()


@register.inclusion_tag("outcomes/in_clinic/_diary_card.html")
def block_diary(intervention: Intervention) -> dict[str, Any]:
    return diary_staff.about(intervention)
