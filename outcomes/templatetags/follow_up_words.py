"""How a follow-up's state is said and coloured on every staff page."""

from django import template

from outcomes.follow_ups.calendar import Label
from outcomes.models import FollowUp

register = template.Library()

_TONES = {
    Label.ANSWERED: "ok",
    Label.DUE: "warn",
    Label.OVERDUE: "warn",
    Label.CLOSING_SOON: "bad",
    Label.UNREACHABLE: "bad",
}


@register.filter
def tone(follow_up: FollowUp) -> str:
    """ok, warn, bad or nothing: the colour beside the word, never instead of it."""
    return _TONES.get(follow_up.label_today, "")
