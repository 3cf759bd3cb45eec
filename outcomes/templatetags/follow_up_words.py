"""How a follow-up's state is said and coloured on every staff page."""

from datetime import date

from django import template

from outcomes.follow_ups.calendar import Label
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention

register = template.Library()

_TONES = {
    Label.ANSWERED: "ok",
    Label.ANSWERED_LATE: "ok",
    Label.DUE: "ok",
    Label.OVERDUE: "warn",
    Label.MISSED: "warn",
    Label.WAITING: "warn",
    Label.ON_HOLD: "warn",
    Label.CLOSING_SOON: "bad",
    Label.UNREACHABLE: "bad",
}


@register.filter
def tone(label: Label) -> str:
    """ok, warn, bad or nothing: the colour beside the word, never instead of it."""
    return _TONES.get(label, "")


@register.filter
def said_in_words(said: str) -> str:
    """What the patient answered to "did you have it?", in staff's words."""
    return "yes" if said == Intervention.Said.YES else "not yet"


@register.filter
def said_tone(said: str) -> str:
    return "ok" if said == Intervention.Said.YES else "warn"


@register.filter
def said_by(intervention: Intervention, patient: Patient) -> str:
    return confirmation.said(intervention, patient.time_zone)


@register.filter
def is_to_confirm(intervention: Intervention, today: date) -> bool:
    return confirmation.is_past_its_day(intervention, today)
