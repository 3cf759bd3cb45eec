"""When the clock counts as wrong, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from outcomes.follow_ups.guard import clock_guard
from outcomes.follow_ups.guard.clock_guard import Kind, Sight

FRIDAY = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
BEFORE = Sight("boot 1", FRIDAY, 1_000.0)
NOTHING, MINUTE = timedelta(), timedelta(minutes=1)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def later(wall: timedelta, uptime: timedelta) -> Sight:
    """A look of the same start: so far went the wall's clock, so far the machine's."""
    return Sight("boot 1", FRIDAY + wall, 1_000.0 + uptime.total_seconds())


@pytest.mark.parametrize(
    ("wall", "uptime"),
    [
        pytest.param(MINUTE, MINUTE, id="the next tick"),
        pytest.param(NOTHING, NOTHING, id="two ticks at once"),
        pytest.param(9 * HOUR, 9 * HOUR, id="a laptop that slept"),
        pytest.param(63 * HOUR, 63 * HOUR, id="a Monday morning"),
        pytest.param(40 * DAY, 40 * DAY, id="a laptop shut for forty days"),
        pytest.param(MINUTE - HOUR, MINUTE, id="an hour back"),
        pytest.param(MINUTE + 2 * HOUR, MINUTE, id="two hours ahead"),
    ],
)
def test_it_is_believed(wall, uptime):
    assert clock_guard.fault(later(wall, uptime), BEFORE, BEFORE) is None


@pytest.mark.parametrize(
    "jump", [3 * HOUR, DAY, 400 * DAY, -3 * HOUR, -DAY, 2 * HOUR + timedelta(seconds=1)]
)
def test_a_jump_is_not(jump):
    fault = clock_guard.fault(later(MINUTE + jump, MINUTE), BEFORE, BEFORE)
    assert fault is not None
    assert fault.kind == Kind.JUMPED
    assert fault.expected == FRIDAY + MINUTE
    assert fault.seen - fault.expected == jump


def test_a_jump_during_sleep_is_seen_afterwards():
    fault = clock_guard.fault(later(9 * HOUR + DAY, 9 * HOUR), BEFORE, BEFORE)
    assert fault is not None
    assert fault.kind == Kind.JUMPED


@pytest.mark.parametrize(
    ("gap", "kind"),
    [
        (MINUTE, None),
        (63 * HOUR, None),
        (14 * DAY, None),
        (14 * DAY + MINUTE, Kind.STOPPED),
        (400 * DAY, Kind.STOPPED),
        (-4 * MINUTE, None),
        (-6 * MINUTE, Kind.WENT_BACK),
        (-DAY, Kind.WENT_BACK),
    ],
)
def test_after_a_restart_only_the_wall_says_how_long_it_was(gap, kind):
    restarted = Sight("boot 2", FRIDAY + gap, 20.0)
    fault = clock_guard.fault(restarted, None, BEFORE)
    assert (fault.kind if fault else None) == kind


def test_the_first_tick_ever_is_believed():
    assert clock_guard.fault(BEFORE, None, None) is None


def test_a_machine_that_only_calls_itself_the_same_was_restarted():
    again = Sight("boot 1", FRIDAY + 63 * HOUR, 5.0)
    assert clock_guard.fault(again, BEFORE, BEFORE) is None


def test_another_machine_ticks_by_its_own_clock():
    other = Sight("boot 2", FRIDAY + 30 * DAY, 9_000.0)
    newest = Sight("boot 1", FRIDAY + 30 * DAY, 1_000.0 + (30 * DAY).total_seconds())
    own = Sight("boot 2", FRIDAY, 9_000.0 - (30 * DAY).total_seconds())
    assert clock_guard.fault(other, own, newest) is None
