"""The early-intervention clock wherever a patient's name stands."""

from typing import Any

from django import template
from django.template import Context

from patients.models import Complaint, Patient

register = template.Library()


@register.inclusion_tag("patients/_clock.html", takes_context=True)
def clocks(context: Context, patient: Patient) -> dict[str, Any]:
    """A patient's running clocks; a list fetches them with early_intervention.clocks.

    One patient of a page without that costs a query, which every page of a complaint
    can spare.
    """
    held = getattr(patient, "clocks", None)
    if held is None:
        visible = Complaint.objects.visible_to(context["request"].user)
        held = list(visible.filter(patient=patient).with_running_clock())
        for complaint in held:
            complaint.patient = patient
    return {"clocks": held}
