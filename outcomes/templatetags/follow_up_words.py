"""How a follow-up's state is said and coloured on every staff page."""

from django import template

from outcomes.follow_ups.calendar import Label

register = template.Library()

_TONES = {
    Label.ANSWERED: "ok",
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
