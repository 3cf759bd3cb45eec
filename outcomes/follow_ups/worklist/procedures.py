"""Planned procedures whose day is over: was it done?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic import clock
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A planned procedure whose day is over: was it done?"""

    intervention: Intervention
    patient: Patient
    days_since: int
    said: str


def to_confirm(waiting: Iterable[Intervention], now: datetime) -> list[ToConfirm]:
    """Of those that a page shows: `confirmation.waiting` holds however many wait."""
    return [_to_confirm(each, now) for each in waiting]


def _to_confirm(intervention: Intervention, now: datetime) -> ToConfirm:
    patient = intervention.plan.complaint.patient.kept
    today = clock.day_of(now, patient.time_zone)
    planned_on = intervention.planned_on or today
    return ToConfirm(
        intervention=intervention,
        patient=patient,
        days_since=(today - planned_on).days,
        said=confirmation.said(intervention, patient.time_zone),
    )
