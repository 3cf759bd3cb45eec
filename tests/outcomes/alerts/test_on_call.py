"""Who is on call at a moment of the clinic's clock."""

from datetime import date, datetime, time
from uuid import UUID

import pytest

from outcomes.alerts import on_call
from outcomes.models import OnCallShift

ANA, BEN, CAL = (UUID(int=number) for number in (1, 2, 3))
# A Monday.
DAY = date(2026, 11, 30)


def weekly(user, day, begins=0, ends=0, place=1):
    return OnCallShift(
        user_id=user,
        kind="weekly",
        day=day,
        place=place,
        begins_at=time(begins),
        ends_at=time(ends),
    )


def dated(user, first, last=None, kind="dates", begins=0, ends=0, place=1):
    return OnCallShift(
        user_id=user,
        kind=kind,
        first_on=first,
        last_on=last or first,
        place=place,
        begins_at=time(begins),
        ends_at=time(ends),
    )


def at(day, hour, *shifts, closed=()):
    found = on_call.at(datetime.combine(day, time(hour)), shifts, closed)
    return found.first, found.second


def test_nobody_is_on_call_without_a_rota():
    assert at(DAY, 12) == ((), ())
    assert not on_call.OnCall().is_anybody


@pytest.mark.parametrize(
    ("day", "hour", "is_on"),
    [
        (DAY, 7, False),
        (DAY, 8, True),
        (DAY, 17, True),
        (DAY, 18, False),
        (date(2026, 12, 1), 12, False),
    ],
)
def test_a_shift_of_the_week(day, hour, is_on):
    assert at(day, hour, weekly(ANA, 0, 8, 18)) == (((ANA,) if is_on else ()), ())


@pytest.mark.parametrize(
    ("day", "hour", "is_on"),
    [
        (DAY, 17, False),
        (DAY, 18, True),
        (DAY, 23, True),
        (date(2026, 12, 1), 7, True),
        (date(2026, 12, 1), 8, False),
        (DAY, 3, False),
    ],
)
def test_a_night_goes_on_until_the_morning(day, hour, is_on):
    assert at(day, hour, weekly(ANA, 0, 18, 8)) == (((ANA,) if is_on else ()), ())


def test_first_and_second():
    both = weekly(ANA, 0), weekly(BEN, 0, place=2)
    assert at(DAY, 12, *both) == ((ANA,), (BEN,))


def test_who_stands_in_takes_the_place_of_the_week():
    shifts = weekly(ANA, 0), weekly(BEN, 0, place=2), dated(CAL, DAY)
    assert at(DAY, 12, *shifts) == ((CAL,), (BEN,))
    assert at(date(2026, 12, 7), 12, *shifts) == ((ANA,), (BEN,))


def test_who_is_away_is_passed_over_and_the_second_is_first():
    away = dated(ANA, DAY, kind="away")
    shifts = weekly(ANA, 0), weekly(BEN, 0, place=2), away
    assert at(DAY, 12, *shifts) == ((BEN,), ())


def test_a_cover_who_is_away_leaves_it_to_the_week():
    shifts = weekly(ANA, 0), dated(CAL, DAY), dated(CAL, DAY, kind="away")
    assert at(DAY, 12, *shifts) == ((ANA,), ())


def test_closed_days_have_a_pattern_of_their_own():
    shifts = weekly(ANA, 0), weekly(BEN, 7)
    assert at(DAY, 12, *shifts, closed={DAY}) == ((BEN,), ())
    assert at(DAY, 12, *shifts) == ((ANA,), ())


def test_without_one_a_closed_day_is_a_day_of_the_week():
    assert at(DAY, 12, weekly(ANA, 0), closed={DAY}) == ((ANA,), ())


def test_a_night_that_began_before_a_closed_day_is_the_week_s_own():
    shifts = weekly(ANA, 0, 18, 8), weekly(BEN, 7)
    tuesday = date(2026, 12, 1)
    assert at(tuesday, 3, *shifts, closed={tuesday}) == ((ANA, BEN), ())


def test_nobody_is_told_twice():
    both = weekly(ANA, 0), weekly(ANA, 0, place=2)
    assert at(DAY, 12, *both) == ((ANA,), ())
