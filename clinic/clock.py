"""The one place time is read from, so that rehearsals and tests can move it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The moment it is, in UTC, moved by the setting CLOCK_OFFSET."""
    return datetime.now(UTC) + settings.CLOCK_OFFSET


def in_words(day: date) -> str:
    """As the pages for staff write it: 15 Jun 1975."""
    return f"{day.day} {day:%b %Y}"


def today(zone: str) -> date:
    """The calendar day it is in an IANA zone."""
    return day_of(now(), zone)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day that a moment falls on in an IANA zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
