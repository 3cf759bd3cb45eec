"""Days that are known to the day, to the month or to the year only."""

import time
from datetime import date

# The values of TreatmentElsewhere.Precision.
DAY, MONTH, YEAR = "day", "month", "year"

_FORMATS = {
    DAY: ("%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "%d %B %Y"),
    MONTH: ("%Y-%m", "%m/%Y", "%b %Y", "%B %Y"),
    YEAR: ("%Y",),
}
EXAMPLES = "2024-03-14, 2024-03 or 2024"


def parse(text: str) -> tuple[date, str] | None:
    """Its first day and how exact that is; None for what is no day."""
    for precision, formats in _FORMATS.items():
        for each in formats:
            try:
                found = time.strptime(text.strip(), each)
                return date(*found[:3]), precision
            except ValueError:
                continue
    return None


def first_day(day: date, precision: str) -> date:
    """What is stored: the first day of the month or year where no more is known."""
    if precision == YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if precision == MONTH else day


def in_words(day: date, precision: str) -> str:
    """As a page writes it: 14 Mar 2024, Mar 2024 or 2024."""
    if precision == DAY:
        return f"{day.day} {day:%b %Y}"
    return f"{day:%b %Y}" if precision == MONTH else f"{day:%Y}"
