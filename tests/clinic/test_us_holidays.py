from datetime import date

import pytest

from clinic import us_holidays

# As the Office of Personnel Management publishes them for pay and leave.
OBSERVED_2026 = {
    date(2026, 1, 1),
    date(2026, 1, 19),
    date(2026, 2, 16),
    date(2026, 5, 25),
    date(2026, 6, 19),
    date(2026, 7, 3),
    date(2026, 9, 7),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
    date(2026, 12, 25),
}
OBSERVED_2027 = {
    date(2027, 1, 1),
    date(2027, 1, 18),
    date(2027, 2, 15),
    date(2027, 5, 31),
    date(2027, 6, 18),
    date(2027, 7, 5),
    date(2027, 9, 6),
    date(2027, 10, 11),
    date(2027, 11, 11),
    date(2027, 11, 25),
    date(2027, 12, 24),
    # New Year's Day of 2028, a Saturday.
    date(2027, 12, 31),
}


@pytest.mark.parametrize("observed", [OBSERVED_2026, OBSERVED_2027])
def test_the_federal_holidays_are_those_that_are_published(observed):
    year = min(observed).year
    found = us_holidays.federal(year)
    assert {holiday.day for holiday in found if holiday.day.weekday() < 5} == observed


def test_of_a_weekend_both_days_are_named():
    names = {holiday.day: holiday.name for holiday in us_holidays.federal(2026)}
    assert names[date(2026, 7, 4)] == "Independence Day"
    assert names[date(2026, 7, 3)] == "Independence Day, observed"


def test_new_years_day_of_a_saturday_is_free_in_the_year_before_too():
    names = {holiday.day: holiday.name for holiday in us_holidays.federal(2027)}
    assert names[date(2027, 12, 31)] == "New Year’s Day, observed"
    days = [holiday.day for holiday in us_holidays.federal(2028)]
    assert days == sorted(days) and days[0] == date(2028, 1, 1)
