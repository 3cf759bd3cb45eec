from datetime import date

import pytest

from outcomes.survey import birth_dates
from outcomes.survey.birth_dates import BirthDateError

TODAY = date(2025, 6, 1)


def read(day: str, month: str, year: str) -> date:
    return birth_dates.read({"day": day, "month": month, "year": year}, TODAY)


@pytest.mark.parametrize(
    "fields", [("14", "3", "1957"), ("14", "03", "1957"), (" 14 ", "3", " 1957 ")]
)
def test_a_date_is_read_as_people_write_it(fields):
    assert read(*fields) == date(1957, 3, 14)


def test_every_part_that_is_missing_is_named():
    with pytest.raises(BirthDateError) as caught:
        read("14", "", "")
    assert caught.value.keys == ("month_missing", "year_missing")


def test_an_empty_form_is_asked_for_the_date_as_a_whole():
    with pytest.raises(BirthDateError) as caught:
        birth_dates.read({}, TODAY)
    assert caught.value.keys == ("date_missing",)


@pytest.mark.parametrize("year", ["57", "195", "19571", "MCML", "١٩٥٧"])
def test_a_year_needs_four_digits(year):
    with pytest.raises(BirthDateError) as caught:
        read("14", "3", year)
    assert caught.value.keys == ("year_missing",)


@pytest.mark.parametrize(
    "fields",
    [
        ("30", "2", "1957"),
        ("29", "2", "1957"),
        ("0", "3", "1957"),
        ("1", "13", "1957"),
        ("14", "3", "1899"),
        ("2", "6", "2025"),
    ],
)
def test_a_date_nobody_was_born_on_is_impossible(fields):
    with pytest.raises(BirthDateError) as caught:
        read(*fields)
    assert caught.value.keys == ("date_impossible",)
