"""How a follow-up's state is said and coloured on every staff page."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from outcomes.follow_ups.calendar import Label

register = template.Library()

_BREAKS = re.compile(r"(?=[@.])")
_TONES = {
    Label.ANSWERED: "ok",
    Label.DUE: "ok",
    Label.OVERDUE: "warn",
    Label.MISSED: "warn",
    Label.WAITING: "warn",
    Label.CLOSING_SOON: "bad",
    Label.UNREACHABLE: "bad",
}


@register.filter
def tone(label: Label) -> str:
    """ok, warn, bad or nothing: the colour beside the word, never instead of it."""
    return _TONES.get(label, "")


@register.filter
def breakable(address: str) -> SafeString:
    """May go on in the next line before @ and dots, where a card is narrow."""
    first, *rest = _BREAKS.split(address)
    return format_html(
        "{}{}", first, format_html_join("", "<wbr>{}", ((part,) for part in rest))
    )
