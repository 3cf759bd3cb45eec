from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from clinic import clock
from clinic.models import ClosedDay, Location
from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.follow_ups.planning.calendar import SendingHours
from tests import factories
from tests.outcomes.follow_ups.planning.test_calendar import (
    ZONES,
    Point,
    days_of_change,
    hours,
)

YEARS = (2027, 2028)
LEAP_DAY = date(2028, 2, 29)
ONE_DAY = timedelta(days=1)
HOLIDAYS = frozenset({date(2027, 11, 25), date(2027, 12, 24), date(2027, 12, 25)})


@cache
def telling_days(zone: str) -> list[date]:
    """Days about each change of the clock, month ends, and the leap day."""
    firsts = [date(year, month, 1) for year in YEARS for month in range(1, 13)]
    found = {LEAP_DAY, LEAP_DAY + ONE_DAY, *firsts, *(day - ONE_DAY for day in firsts)}
    for change in (day for year in YEARS for day in days_of_change(zone, year)):
        found |= {change - ONE_DAY, change, change + ONE_DAY}
    return sorted(found)


def on_the_spot(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def test_every_send_time_is_inside_the_hours_of_its_own_day_in_every_zone():
    for zone in ZONES:
        for day in telling_days(zone):
            local = on_the_spot(hours(zone).spread(day, zone), zone)
            assert local.date() == day, zone
            assert time(9) <= local.time() < time(19), (zone, day)


def test_a_closed_day_gives_way_to_the_next_open_one_in_every_zone():
    for zone in ZONES:
        days = telling_days(zone)
        closed = frozenset(days[::3])
        mine = replace(hours(zone), closed=closed)
        for day in days:
            local = on_the_spot(mine.spread(day, zone), zone)
            between = [day + ONE_DAY * n for n in range((local.date() - day).days)]
            assert set(between) <= closed and local.date() not in closed, (zone, day)
            assert time(9) <= local.time() < time(19), (zone, day)


def test_what_waits_at_night_goes_on_in_the_next_open_hours_in_every_zone():
    for zone in ZONES:
        mine = replace(hours(zone), closed=frozenset(telling_days(zone)[::4]))
        for day in telling_days(zone):
            night = calendar.moment(day, time(2, 30), zone)
            opening = mine.next_opening(night)
            assert opening >= night and mine.contains(opening), (zone, day)
            assert mine.next_opening(opening) == opening, (zone, day)


def test_a_closed_day_is_closed_at_any_hour():
    christmas = SendingHours("America/Chicago", time(0), time(23, 59, 59), HOLIDAYS)
    noon = datetime(2027, 12, 24, 18, tzinfo=UTC)
    assert not christmas.contains(noon)
    assert christmas.next_opening(noon) == datetime(2027, 12, 26, 6, tzinfo=UTC)


def test_after_an_evening_the_day_before_a_holiday_is_not_its_morning():
    mine = replace(hours(), closed=HOLIDAYS)
    evening = calendar.moment(date(2027, 12, 23), time(20), "America/Chicago")
    local = on_the_spot(mine.next_opening(evening), "America/Chicago")
    assert local == datetime(2027, 12, 26, 9, tzinfo=ZoneInfo("America/Chicago"))


def test_a_clinic_that_never_opens_is_looked_at_again_after_a_year():
    first = date(2027, 1, 1)
    closed = frozenset(first + ONE_DAY * n for n in range(800))
    mine = replace(hours(), closed=closed)
    assert mine.open_day(first) == first + ONE_DAY * calendar.LONGEST_CLOSURE
    opening = mine.next_opening(calendar.moment(first, time(12), mine.zone))
    assert not mine.contains(opening)


@pytest.mark.parametrize(
    ("closed", "asked"),
    [
        # The window is 20 January to 9 February, its day the 31st.
        (("2026-01-31", "2026-01-31"), date(2026, 2, 1)),
        (("2026-01-29", "2026-02-08"), date(2026, 2, 9)),
        (("2026-01-29", "2026-02-09"), date(2026, 1, 28)),
        (("2026-01-21", "2026-03-01"), date(2026, 1, 20)),
        (("2026-01-20", "2026-03-01"), date(2026, 3, 2)),
    ],
)
def test_a_closure_until_the_end_of_a_window_is_asked_before(closed, asked):
    first, last = (date.fromisoformat(text) for text in closed)
    days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    mine = replace(hours(), closed=frozenset(days))
    point = Point(open_day=19, close_day=39)
    (one,) = calendar.desired([point], date(2026, 1, 1), mine, "seed")
    assert (one.opens_on, one.closes_on) == (date(2026, 1, 20), date(2026, 2, 9))
    assert on_the_spot(one.ask_at, mine.zone).date() == asked


def test_a_safety_check_ignores_closed_days():
    closed = replace(hours(), closed=frozenset({date(2026, 1, 31)}))
    points = [Point(), Point(key="safety", is_safety=True)]
    wanted = calendar.desired(points, date(2026, 1, 1), closed, "seed")
    asked = {one.key: on_the_spot(one.ask_at, closed.zone).date() for one in wanted}
    assert asked == {"safety": date(2026, 1, 31), "m1": date(2026, 2, 1)}


def test_hours_without_closed_days_are_the_same_hours():
    mine = hours()
    assert mine.every_day is mine
    assert replace(mine, closed=HOLIDAYS).every_day == mine


@pytest.fixture
def places(clinic):
    """The clinic is closed at Christmas, its north alone the day before."""
    north, south = (
        Location.objects.create(clinic=clinic, name=name) for name in ("North", "South")
    )
    for place, day in ((None, date(2027, 12, 25)), (north, date(2027, 12, 24))):
        ClosedDay.objects.create(clinic=clinic, location=place, day=day)
    return north, south


def test_a_patient_keeps_the_clinics_closed_days_and_their_own_locations(
    clinic, places
):
    north, south = places
    christmas, eve = date(2027, 12, 25), date(2027, 12, 24)
    for place, closed in ((north, {christmas, eve}), (south, {christmas})):
        patient = factories.make_patient(clinic, location=place)
        assert sending_hours.of(patient).closed == closed
        assert sending_hours.for_safety(patient).closed == set()
    assert sending_hours.of(factories.make_patient(clinic)).closed == {christmas}


def test_another_clinics_closed_days_are_not_ours(other_clinic, places):
    assert sending_hours.of(factories.make_patient(other_clinic)).closed == set()


def test_a_demo_writes_on_any_day(places, clinic):
    clinic.is_demo = True
    clinic.save()
    hours = sending_hours.of(factories.make_patient(clinic, location=places[0]))
    assert (hours.closed, hours.is_full_day) == (set(), True)


def test_a_batch_reads_the_closed_days_once(clinic, places, django_assert_num_queries):
    patients = [factories.make_patient(clinic, location=places[0]) for _ in range(5)]
    patients[0].hold_until = date(2027, 12, 23)
    with django_assert_num_queries(1):
        days = sending_hours.Calendar.of(clinic)
        assert all(sending_hours.of(one, days).closed for one in patients)
        resumed = sending_hours.resumes_at(patients[0], days)
    assert resumed is not None
    assert clock.day_of(resumed, clinic.zone) == date(2027, 12, 26)


def test_safety_checks_read_no_closed_days(clinic, places, django_assert_num_queries):
    patient = factories.make_patient(clinic, location=places[0])
    days = sending_hours.Calendar.of(clinic)
    with django_assert_num_queries(0):
        alone = sending_hours.for_safety(patient)
        assert sending_hours.for_safety(patient, days) == alone
