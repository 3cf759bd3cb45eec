"""Federal holidays of the United States, by the rules of 5 U.S.C. 6103."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
LAST = -1
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)
# Name, month, and either the day or which weekday of the month.
FIXED = (
    ("New Year’s Day", 1, 1),
    ("Juneteenth", 6, 19),
    ("Independence Day", 7, 4),
    ("Veterans Day", 11, 11),
    ("Christmas Day", 12, 25),
)
FLOATING = (
    ("Martin Luther King Jr. Day", 1, MONDAY, 3),
    ("Presidents’ Day", 2, MONDAY, 3),
    ("Memorial Day", 5, MONDAY, LAST),
    ("Labor Day", 9, MONDAY, 1),
    ("Columbus Day", 10, MONDAY, 2),
    ("Thanksgiving Day", 11, THURSDAY, 4),
)


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str


def federal(year: int) -> list[Holiday]:
    """Those of a year and the days on which they are observed, earliest first.

    New Year's Day is observed in the year before where it falls on a Saturday.
    """
    found = [Holiday(_weekday(year, *rule), name) for name, *rule in FLOATING]
    for name, month, day in FIXED:
        found += _with_observed(Holiday(date(year, month, day), name))
    found += _with_observed(Holiday(date(year + 1, 1, 1), FIXED[0][0]))
    in_year = [holiday for holiday in found if holiday.day.year == year]
    return sorted(in_year, key=lambda holiday: holiday.day)


def _weekday(year: int, month: int, weekday: int, number: int) -> date:
    """Such as the third Monday of a month."""
    first = date(year, month, 1)
    day = first + ONE_DAY * ((weekday - first.weekday()) % 7)
    if number != LAST:
        return day + ONE_WEEK * (number - 1)
    while (day + ONE_WEEK).month == month:
        day += ONE_WEEK
    return day


def _with_observed(holiday: Holiday) -> Iterator[Holiday]:
    """Of a weekend's, the Friday before or the Monday after is free."""
    yield holiday
    moved = {SATURDAY: -ONE_DAY, SUNDAY: ONE_DAY}.get(holiday.day.weekday())
    if moved is not None:
        yield Holiday(holiday.day + moved, f"{holiday.name}, observed")
