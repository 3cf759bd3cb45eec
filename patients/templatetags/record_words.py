"""How the record's words are written on every page for staff."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_BREAKS = re.compile(r"(?=[@.])")


@register.filter
def breakable(address: str) -> SafeString:
    """May go on in the next line before @ and dots, where a card is narrow."""
    first, *rest = _BREAKS.split(address)
    return format_html(
        "{}{}", first, format_html_join("", "<wbr>{}", ((part,) for part in rest))
    )
