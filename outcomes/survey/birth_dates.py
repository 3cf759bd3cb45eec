"""Reads a date of birth from the three fields of the form. Pure."""

import re
from collections.abc import Mapping
from datetime import date

# As for a patient's record.
EARLIEST_YEAR = 1900
MONTHS = 12


class BirthDateError(ValueError):
    """The fields are no date; the arguments are the keys of texts that say why."""

    @property
    def keys(self) -> tuple[str, ...]:
        return self.args


def read(fields: Mapping[str, str], today: date) -> date:
    """The date that day, month and year name; a date nobody living has is none."""
    day = _number(fields.get("day", ""), "[0-9]{1,2}")
    month = _number(fields.get("month", ""), "[0-9]{1,2}")
    year = _number(fields.get("year", ""), "[0-9]{4}")
    if day is month is year is None:
        raise BirthDateError("date_missing")
    if day is None or month is None or year is None:
        parts = {"month_missing": month, "day_missing": day, "year_missing": year}
        raise BirthDateError(*(key for key, part in parts.items() if part is None))
    try:
        birth_date = date(year, month, day)
    except ValueError:
        raise BirthDateError("date_impossible") from None
    if year < EARLIEST_YEAR or birth_date > today:
        raise BirthDateError("date_impossible")
    return birth_date


def swapped(on: date) -> date | None:
    """With day and month the other way round, as another country writes it."""
    return on.replace(month=on.day, day=on.month) if on.day <= MONTHS else None


def _number(text: str, pattern: str) -> int | None:
    return int(text) if re.fullmatch(pattern, text.strip()) else None
