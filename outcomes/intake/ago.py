"""How long ago, as people say it: a number of days, weeks, months or years. Pure."""

import calendar
import re
from datetime import date, timedelta

UNITS = ("days", "weeks", "months", "years")
LONGEST = 999


def day(number: int, unit: str, today: date) -> date:
    """ValueError for a unit that is none and for a day before the year 1."""
    if unit == "days":
        return today - timedelta(days=number)
    if unit == "weeks":
        return today - timedelta(weeks=number)
    if unit not in UNITS:
        raise ValueError(f"{unit!r} is not one of {UNITS}.")
    months = number if unit == "months" else number * 12
    return _months_before(today, months)


def number_in(text: str) -> int | None:
    """A whole number as people type it; None where it is none or far too large."""
    found = re.fullmatch(r"[0-9]{1,3}", text.strip())
    return int(found[0]) if found else None


def _months_before(today: date, months: int) -> date:
    """The same day of the month, or the last one that month has."""
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(today.day, last))
