from datetime import UTC, date, datetime, time

import pytest

from outcomes.follow_ups.engine import ladder
from outcomes.follow_ups.engine.ladder import Rung
from outcomes.follow_ups.planning.calendar import SendingHours

DEFAULT = ladder.rungs_of(
    [
        (0, "preferred"),
        (3, "sms"),
        (7, "other"),
        (12, "sms"),
        (14, "call"),
        (21, "call"),
        (3, "rescue"),
    ]
)
HOURS = SendingHours("America/Chicago", time(9), time(19))
ASKED = datetime(2026, 6, 1, 15, tzinfo=UTC)


def days(closes_on: date, rungs: tuple[Rung, ...] = DEFAULT, **changes) -> list[str]:
    given = {"asked_at": ASKED, "closes_on": closes_on, "hours": HOURS, "seed": "s"}
    found = ladder.reminders(rungs, **(given | changes))
    return [f"{one.at:%m-%d} {one.rung.channel}" for one in found]


def test_a_long_window_has_every_rung_and_the_rescue_before_its_end():
    assert days(date(2026, 7, 15)) == [
        "06-04 sms",
        "06-08 other",
        "06-13 sms",
        "06-15 call",
        "06-22 call",
        "07-12 rescue",
    ]


def test_what_does_not_fit_a_short_window_falls_away():
    assert days(date(2026, 6, 9)) == ["06-04 sms", "06-06 rescue", "06-08 other"]


def test_on_the_last_day_of_the_window_there_is_still_a_message():
    assert days(date(2026, 6, 4)) == ["06-04 sms"]


def test_a_call_is_made_on_a_working_day():
    calls = ladder.rungs_of([(5, "call"), (6, "call")])
    assert days(date(2026, 7, 1), calls) == ["06-08 call", "06-08 call"]


def test_a_closed_day_puts_call_and_message_off():
    closed = frozenset({date(2026, 6, 4), date(2026, 6, 15)})
    hours = SendingHours("America/Chicago", time(9), time(19), closed)
    rungs = ladder.rungs_of([(3, "sms"), (14, "call")])
    assert days(date(2026, 7, 15), rungs, hours=hours) == ["06-05 sms", "06-16 call"]


@pytest.mark.parametrize(
    ("wish", "channels", "channel"),
    [
        ("preferred", ("sms", "email"), "sms"),
        ("preferred", (), ""),
        ("rescue", ("email",), "email"),
        ("other", ("email", "sms"), "sms"),
        ("other", ("email",), ""),
        ("sms", ("email",), ""),
        ("email", ("sms", "email"), "email"),
    ],
)
def test_a_rung_without_an_open_channel_falls_away(wish, channels, channel):
    assert ladder.channel_of(wish, channels) == channel


def test_the_ladder_says_how_the_invitation_goes():
    assert ladder.first_channel(ladder.rungs_of([(0, "sms"), (1, "call")])) == "sms"
    assert ladder.first_channel(ladder.rungs_of([(3, "sms")])) == "preferred"


def test_a_rung_that_stands_twice_is_climbed_once():
    twice = ladder.rungs_of([(7, "call"), (7, "call"), (9, "sms")])
    assert days(date(2026, 7, 15), twice) == ["06-08 call", "06-10 sms"]
