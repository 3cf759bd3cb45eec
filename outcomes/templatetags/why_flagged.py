"""Why flags and alerts were raised, on the page of a patient."""

from collections.abc import Sequence
from typing import Any

from django import template

from outcomes.alerts import why
from patients.models import Patient, RedFlag

register = template.Library()


@register.inclusion_tag("outcomes/_why.html", takes_context=True)
def why_flagged(
    context: dict[str, Any], patient: Patient, flags: Sequence[RedFlag]
) -> dict[str, Any]:
    """`flags` are the standing ones, with their events; three queries for the rest."""
    return {"whys": why.of_patient(context["request"].user, patient, flags)}
