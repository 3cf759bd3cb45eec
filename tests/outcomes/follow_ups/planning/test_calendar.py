from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import SendingHours
from plans.protocols import library as protocol_library

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
DAYTIME = (time(9), time(19))
ANY_HOUR = (time(0), time(23, 59, 59))


@dataclass(frozen=True)
class Point:
    key: str = "m1"
    label: str = "1 month"
    offset_days: int = 30
    open_day: int = 21
    close_day: int = 45
    ask_day: int = 30
    who: str = "patient"
    is_baseline: bool = False
    is_safety: bool = False


def hours(zone: str = "America/Chicago", window: tuple[time, time] = DAYTIME):
    return SendingHours(zone, *window)


def days_of_change(zone: str, year: int) -> list[date]:
    """The days on which a zone's clock is set."""
    tz = ZoneInfo(zone)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    offsets = [datetime.combine(day, time(0), tz).utcoffset() for day in days]
    changes = zip(days, offsets, offsets[1:], strict=False)
    return [day for day, before, after in changes if before != after]


def test_every_zone_asks_on_the_ask_day_inside_the_hours():
    month_ends = [date(2028, 2, 29), date(2026, 2, 28), date(2026, 12, 31)]
    for zone in ZONES:
        for day in month_ends + days_of_change(zone, 2026):
            one = calendar.desired(
                [Point()], day - timedelta(days=30), hours(zone), "seed"
            )[0]
            local = one.ask_at.astimezone(ZoneInfo(zone))
            assert (local.date(), zone) == (day, zone)
            assert hours(zone).contains(one.ask_at), zone


def test_a_day_closes_where_the_next_one_begins_in_every_zone():
    for zone in ZONES:
        tz = ZoneInfo(zone)
        for day in [date(2028, 2, 29), *days_of_change(zone, 2026)]:
            end = calendar.end_of(day, zone)
            assert end.astimezone(tz).date() == day + timedelta(days=1), zone
            assert (end - timedelta(seconds=1)).astimezone(tz).date() == day, zone


@given(
    zone=st.sampled_from(ZONES),
    anchor=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    start=st.integers(0, 22),
    length=st.integers(1, 23),
    seed=st.text(max_size=8),
)
@settings(max_examples=300, deadline=None)
def test_dates_count_from_the_anchor_and_moments_stay_in_order(
    zone, anchor, start, length, seed
):
    until = time(start + length) if start + length < 24 else time(23, 59, 59)
    one = calendar.desired([Point()], anchor, hours(zone, (time(start), until)), seed)[
        0
    ]
    assert (one.due_on - anchor, one.closes_on - anchor) == (
        timedelta(days=30),
        timedelta(days=45),
    )
    assert one.opens_on <= one.due_on <= one.closes_on
    assert one.ask_at < one.close_at
    assert one.ask_at.tzinfo is UTC


def test_a_skipped_hour_moves_forward_and_a_doubled_one_takes_the_first():
    skipped = calendar.moment(date(2026, 3, 8), time(2, 30), "America/New_York")
    doubled = calendar.moment(date(2026, 11, 1), time(1, 30), "America/New_York")
    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # 03:30 there
    assert doubled == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # still summer time


def test_patients_are_spread_over_the_hours_and_each_keeps_the_same_time():
    moments = {
        calendar.desired([Point()], date(2026, 1, 1), hours(), f"patient {n}")[0].ask_at
        for n in range(200)
    }
    assert len(moments) > 150
    first = calendar.desired([Point()], date(2026, 1, 1), hours(), "x")
    assert first == calendar.desired([Point()], date(2026, 1, 1), hours(), "x")


def test_a_clinic_that_sends_at_any_hour_asks_as_the_day_begins():
    one = calendar.desired([Point()], date(2026, 1, 1), hours(window=ANY_HOUR), "x")[0]
    assert one.ask_at == calendar.moment(date(2026, 1, 31), time(0), "America/Chicago")


def test_clinicians_time_points_open_with_their_window():
    one = calendar.desired([Point(who="clinician")], date(2026, 1, 1), hours())[0]
    opens_at = calendar.moment(one.opens_on, time(0), "America/Chicago")
    assert (one.who, one.ask_at) == ("clinician", opens_at)


def test_the_shipped_protocols_can_be_placed():
    for protocol in protocol_library.load_all():
        wanted = calendar.desired(protocol.timepoints, date(2026, 1, 1), hours())
        assert wanted[0].is_baseline
        assert all(one.ask_at < one.close_at for one in wanted)
