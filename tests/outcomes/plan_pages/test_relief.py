from datetime import date
from decimal import Decimal

import pytest

from outcomes.plan_pages import conservative_care, relief
from outcomes.plan_pages.conservative_care import Care
from outcomes.plan_pages.relief import Answer


def lasted(before, *answers):
    found = [Answer(day, Decimal(value)) for day, value in answers]
    given = None if before is None else Decimal(before)
    return relief.lasted(given, found)


@pytest.mark.parametrize(
    ("before", "value", "percent"),
    [
        (8, 2, 75),
        (8, 4, 50),
        (8, 8, 0),
        (8, 10, -25),
        (0, 0, None),
        (0, 3, None),
        (None, 3, None),
        (8, None, None),
    ],
)
def test_relief_is_of_the_pain_before(before, value, percent):
    given = [None if n is None else Decimal(n) for n in (before, value)]
    assert relief.percent(*given) == percent


@pytest.mark.parametrize(
    ("before", "value", "holds"),
    [(8, "4", True), (8, "4.01", False), (7, "3.5", True), (7, "4", False)],
)
def test_exactly_half_counts(before, value, holds):
    assert relief.holds(Decimal(before), Decimal(value)) is holds


@pytest.mark.parametrize(
    ("before", "answers", "why"),
    [
        (None, [(14, 2)], relief.NO_BASELINE),
        (0, [(14, 0)], relief.NO_PAIN),
        (8, [], relief.NO_ANSWER),
    ],
)
def test_what_nobody_answered_is_unknown(before, answers, why):
    found = lasted(before, *answers)
    assert (found.days, found.below) == (None, None)
    assert (found.words, found.why) == ("unknown", why)


@pytest.mark.parametrize(
    ("answers", "days", "below", "words"),
    [
        # The last answer still shows it: no upper bound.
        ([(14, 2), (42, 3), (90, 4)], 90, None, "at least 12 weeks"),
        ([(14, 4)], 14, None, "at least 2 weeks"),
        ([(6, 1)], 6, None, "at least 6 days"),
        ([(1, 1)], 1, None, "at least 1 day"),
        ([(7, 1)], 7, None, "at least 1 week"),
        # Lost between two answers.
        ([(14, 2), (42, 3), (90, 6)], 42, 90, "6 weeks to 12 weeks"),
        ([(14, 2), (90, 8), (182, 8)], 14, 90, "2 weeks to 12 weeks"),
        ([(14, 2), (18, 8)], 14, 18, "2 weeks"),
        # Comes later than the first answer: counted from where it is shown.
        ([(14, 6), (42, 3), (90, 2)], 48, None, "at least 6 weeks"),
        ([(14, 6), (42, 3), (90, 7)], 0, 76, "less than 10 weeks"),
        ([(14, 6), (42, 3)], 0, None, "just now"),
        # Of two runs the longest.
        ([(14, 2), (42, 8), (90, 2), (182, 3)], 92, None, "at least 13 weeks"),
        ([(42, 2), (90, 8), (182, 2), (200, 8)], 42, 90, "6 weeks to 12 weeks"),
    ],
)
def test_how_long_half_was_gone(answers, days, below, words):
    found = lasted(8, *answers)
    assert (found.days, found.below, found.words) == (days, below, words)
    assert found.weeks == days // 7
    assert (found.why == relief.STILL) is (below is None)


def test_no_answer_that_shows_it_is_no_unknown():
    found = lasted(8, (14, 5), (42, 7))
    assert (found.words, found.days) == (relief.NEVER, None)


def care(began, ended=None, title="Therapy"):
    return Care(title, began, ended)


MARCH = [date(2026, 3, day) for day in range(1, 32)]
DAY = date(2026, 4, 26)


@pytest.mark.parametrize(
    ("given", "weeks"),
    [
        ([], 0),
        ([care(MARCH[0])], 8),
        ([care(MARCH[1])], 7),
        # Its plan ended before.
        ([care(MARCH[0], MARCH[28])], 4),
        # Begun on the day itself, or after it.
        ([care(DAY)], 0),
        ([care(date(2026, 5, 3))], 0),
        # Side by side they count once, one after the other both.
        ([care(MARCH[0]), care(MARCH[0])], 8),
        ([care(MARCH[0], MARCH[14]), care(MARCH[7])], 8),
        ([care(MARCH[0], MARCH[14]), care(date(2026, 4, 12))], 4),
        # Ended before it began: a slip, not a week.
        ([care(MARCH[14], MARCH[0])], 0),
    ],
)
def test_weeks_of_care_before_a_day(given, weeks):
    assert conservative_care.weeks_before(given, DAY) == weeks


def test_weeks_since_a_day_leave_out_what_was_before():
    given = [care(MARCH[0])]
    assert conservative_care.weeks_before(given, DAY, date(2026, 4, 12)) == 2
