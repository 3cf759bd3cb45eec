"""The early-intervention clock wherever a patient's name stands."""

from typing import Any

from django import template
from django.template import Context

from patients.models import Patient
from patients.triage import early_intervention

register = template.Library()


@register.inclusion_tag("patients/_clock.html", takes_context=True)
def clocks(context: Context, patient: Patient) -> dict[str, Any]:
    """A patient's running clocks; lists attach them first, for all in one query.

    A page about one patient need not: it is a query there, too.
    """
    person = patient.kept
    if not hasattr(person, "clocks"):
        user = context["request"].user
        early_intervention.attach_clocks([person], user=user)
    # Two pains of one weakness run on one clock.
    distinct = {(c.deficit_kind, c.deficit_days): c for c in person.clocks}
    return {"clocks": list(distinct.values())}
