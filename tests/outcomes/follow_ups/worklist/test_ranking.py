"""The stated rule, as a table; no database."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from outcomes.follow_ups.worklist import ranking

TODAY = date(2026, 3, 2)


def one(
    days: int = 5, offset: int = 30, number: int = 1, **fields: object
) -> ranking.Candidate:
    defaults = {"is_safety": False, "is_baseline": False, "untried": 0}
    return ranking.Candidate(
        id=UUID(int=number),
        closes_on=TODAY + timedelta(days=days),
        offset_days=offset,
        **{**defaults, **fields},
    )


SAFETY, BASELINE = {"is_safety": True}, {"is_baseline": True}


@pytest.mark.parametrize(
    ("candidate", "score"),
    [
        (one(), 1 / 6),
        (one(days=0), 1),
        (one(days=-3), 1),
        (one(days=1), 1 / 2),
        (one(**SAFETY), 8 / 6),
        (one(offset=0, **BASELINE), 4 / 6),
        (one(offset=42), 3 / 6),
        (one(offset=90), 3 / 6),
        (one(offset=182), 3 / 6),
        (one(offset=365), 3 / 6),
        (one(offset=730), 1 / 6),
        (one(untried=1), 1 / 12),
        (one(untried=2), 1 / 18),
        (one(offset=365, days=1, untried=2), 3 / 2 / 3),
    ],
)
def test_the_score_is_value_times_nearness_times_need(candidate, score):
    assert ranking.score(candidate, TODAY) == pytest.approx(score)


@pytest.mark.parametrize(
    ("day", "is_primary"),
    [(14, False), (33, False), (34, True), (50, True), (51, False), (72, True)]
    + [(108, True), (109, False), (146, True), (292, True), (438, True), (548, False)],
)
def test_a_fifth_beside_a_primary_day_is_primary_too(day, is_primary):
    assert ranking.is_primary(day) is is_primary


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (one(days=3), one(days=4)),
        (one(days=9, **SAFETY), one(days=3)),
        (one(**SAFETY), one(**BASELINE)),
        (one(**BASELINE), one(offset=42)),
        (one(offset=42), one()),
        (one(untried=0), one(untried=1)),
        (one(days=5, untried=0), one(days=3, untried=1)),
    ],
)
def test_the_more_pressing_one_stands_first(first, then):
    assert ranking.ranked([then, first], TODAY) == [first, then]


def test_equals_always_stand_in_the_same_order():
    both = [one(number=2), one(number=1)]
    assert (
        ranking.ranked(both, TODAY) == ranking.ranked(both[::-1], TODAY) == both[::-1]
    )
