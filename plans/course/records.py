"""The plans of a patient's record, for who is about to merge it with another."""

from typing import Any

from patients.models import Patient
from plans.models import Plan


def held_of(patient: Patient, **_: Any) -> list[str]:
    plans = Plan.objects.filter(complaint__patient=patient)
    return [f"plan: {plan}, {plan.get_status_display().lower()}" for plan in plans]
