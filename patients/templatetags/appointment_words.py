"""How appointments, and a file of them, are told."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from clinic import clock
from patients.appointments.importing import Foreseen

register = template.Library()

OUTCOMES = {
    "new": "new",
    "changed": "changed",
    "same": "as they were",
    "refused": "refused",
}
CHANGED = {
    "starts_at": "time",
    "ends_at": "end",
    "practitioner": "with whom",
    "practitioner_name": "with whom",
    "description": "what for",
    "mrn": "MRN",
}


@register.filter
def at(moment: datetime, zone: str) -> str:
    """The time of day on the clinic's clock."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


@register.filter
def outcome_word(outcome: str) -> str:
    return {"same": "here already"}.get(outcome, outcome)


@register.filter
def changed_words(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(CHANGED.get(name, name) for name in names))


@register.filter
def counted(found: Foreseen) -> list[tuple[str, int]]:
    return [(label, found.counts[outcome]) for outcome, label in OUTCOMES.items()]


@register.filter
def in_words(found: Foreseen) -> str:
    """What is not nothing."""
    return ", ".join(f"{number} {label}" for label, number in counted(found) if number)


@register.filter
def days_in_words(found: Foreseen) -> str:
    days = found.days
    if not days:
        return "no day"
    first, last = clock.in_words(days[0]), clock.in_words(days[-1])
    return first if first == last else f"{first} to {last}"
