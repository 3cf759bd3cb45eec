from datetime import date
from decimal import Decimal

import pytest

from outcomes.plan_pages.attainment import Aim, State, Value, attainment

BEGUN, DUE = date(2025, 3, 1), date(2025, 6, 1)
BEFORE_DUE, AFTER_DUE = date(2025, 5, 1), date(2025, 7, 1)


def values(*dated):
    """Day of 2025 counted from the start, and the value."""
    return [Value(BEGUN.replace(month=m, day=d), Decimal(str(v))) for m, d, v in dated]


def judged(comparison, target, dated, today=BEFORE_DUE):
    aim = Aim(comparison, Decimal(str(target)), DUE)
    return attainment(aim, values(*dated), begun_on=BEGUN, today=today)


BASELINE = (2, 20, 8)


@pytest.mark.parametrize(
    ("comparison", "target", "dated", "today", "state"),
    [
        ("at_most", 3, [], BEFORE_DUE, State.NOT_MEASURED),
        ("at_most", 3, [BASELINE], BEFORE_DUE, State.NOT_MEASURED),
        # Nobody knows: unmeasured is not the same as missed.
        ("at_most", 3, [BASELINE], AFTER_DUE, State.NOT_MEASURED),
        # As good as the goal before it began is no attainment.
        ("at_most", 3, [(2, 20, 3)], BEFORE_DUE, State.NOT_MEASURED),
        ("at_most", 3, [BASELINE, (4, 1, 5)], BEFORE_DUE, State.ON_THE_WAY),
        ("at_most", 3, [BASELINE, (4, 1, 3)], BEFORE_DUE, State.REACHED),
        ("at_most", 3, [BASELINE, (4, 1, 3.1)], BEFORE_DUE, State.ON_THE_WAY),
        ("at_least", 150, [(4, 1, 150)], BEFORE_DUE, State.REACHED),
        ("at_least", 150, [(4, 1, 149)], BEFORE_DUE, State.ON_THE_WAY),
        ("at_most", 3, [(4, 1, 3), (4, 20, 6)], BEFORE_DUE, State.LOST),
        ("at_most", 3, [(4, 1, 3), (4, 20, 6)], AFTER_DUE, State.LOST),
        ("at_most", 3, [(4, 1, 3), (4, 9, 6), (4, 20, 2)], AFTER_DUE, State.REACHED),
        # The due day itself still counts.
        ("at_most", 3, [BASELINE, (4, 1, 5)], DUE, State.ON_THE_WAY),
        ("at_most", 3, [BASELINE, (4, 1, 5)], date(2025, 6, 2), State.MISSED),
        ("less_by_percent", 50, [BASELINE, (4, 1, 4)], BEFORE_DUE, State.REACHED),
        ("less_by_percent", 50, [BASELINE, (4, 1, 4.5)], BEFORE_DUE, State.ON_THE_WAY),
        ("less_by_percent", 50, [(4, 1, 4)], BEFORE_DUE, State.NO_BASELINE),
        ("less_by_percent", 50, [(2, 9, 0), (4, 1, 4)], BEFORE_DUE, State.NO_BASELINE),
    ],
)
def test_state_of_a_goal(comparison, target, dated, today, state):
    assert judged(comparison, target, dated, today).state == state


@pytest.mark.parametrize(
    ("comparison", "target", "dated", "share"),
    [
        ("at_most", 3, [BASELINE, (4, 1, 5)], "0.6"),
        ("at_most", 3, [BASELINE, (4, 1, 9)], "-0.2"),
        ("less_by_percent", 50, [BASELINE, (4, 1, 7)], "0.25"),
        ("at_least", 150, [(2, 9, 50), (4, 1, 100)], "0.5"),
        # Counted from the first value where nothing was measured before.
        ("at_least", 150, [(3, 9, 50), (4, 1, 100)], "0.5"),
        ("at_least", 150, [(3, 9, 50)], None),
        # Already there at the start: no way to take a share of.
        ("at_most", 3, [(2, 9, 3), (4, 1, 5)], None),
    ],
)
def test_share_of_the_way_from_the_baseline(comparison, target, dated, share):
    expected = None if share is None else Decimal(share)
    assert judged(comparison, target, dated).share == expected


def test_the_day_is_the_first_on_which_it_was_reached():
    found = judged("at_most", 3, [BASELINE, (4, 1, 3), (4, 9, 2)])
    assert (found.reached_on, found.is_late) == (date(2025, 4, 1), False)


def test_reached_after_its_day_is_said_to_be_late():
    found = judged("at_most", 3, [BASELINE, (4, 1, 5), (7, 1, 3)], AFTER_DUE)
    assert (found.state, found.is_late) == (State.REACHED, True)


def test_what_was_measured_long_before_is_no_baseline():
    found = judged("less_by_percent", 50, [(1, 29, 8), (4, 1, 4)])
    assert found.state == State.NO_BASELINE
    assert judged("less_by_percent", 50, [(1, 30, 8), (4, 1, 4)]).baseline is not None


def test_the_last_value_before_it_began_is_the_baseline():
    found = judged("less_by_percent", 50, [(2, 5, 4), BASELINE, (4, 1, 4)])
    assert (found.baseline.value, found.level) == (8, 4)
