"""Moments and spans of time as every staff page writes them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template

from clinic import clock

register = template.Library()

HOUR = 60
IN_HOURS, IN_DAYS = HOUR, 48 * HOUR


@register.filter
def local_time(moment: datetime, zone: str) -> str:
    """A moment in an IANA zone, such as "14 Oct 2026, 09:05"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{clock.in_words(local.date())}, {local:%H:%M}"


@register.filter
def local_clock(moment: datetime, zone: str) -> str:
    """The time of day in an IANA zone, such as "09:05"."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


@register.filter
def lasted(span: timedelta) -> str:
    """A span in the unit that says enough: "35 min", "4 h 10 min", "3 days"."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "under a minute"
    if minutes < IN_HOURS:
        return f"{minutes} min"
    hours, rest = divmod(minutes, HOUR)
    if minutes < IN_DAYS:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"
