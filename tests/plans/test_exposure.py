"""Whose an answer is: pure, by day."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from plans.course.exposure import (
    Course,
    Exposure,
    Phase,
    is_baseline,
    last_owner,
    owner,
)

DAY = date(2026, 1, 1)
SINGLE = Course(1, DAY, DAY)
SERIES = Course(1, DAY, DAY + timedelta(days=28))
REPEAT = Course(2, DAY + timedelta(days=200), DAY + timedelta(days=200))


def on(days):
    return DAY + timedelta(days=days)


def other(days, label="Therapy"):
    return Exposure(UUID(int=days + 999), None, 1, label, "other", on(days))


@pytest.mark.parametrize(
    ("courses", "days", "expected"),
    [
        ([], 5, (None, Phase.BEFORE, None)),
        ([SINGLE], -31, (None, Phase.BEFORE, None)),
        ([SINGLE], -30, (1, Phase.BASELINE, None)),
        ([SINGLE], 0, (1, Phase.BASELINE, None)),
        ([SINGLE], 1, (1, Phase.AFTER, 1)),
        ([SERIES], 0, (1, Phase.BASELINE, None)),
        ([SERIES], 1, (1, Phase.IN_SERIES, None)),
        ([SERIES], 27, (1, Phase.IN_SERIES, None)),
        ([SERIES], 28, (1, Phase.IN_SERIES, None)),
        ([SERIES], 29, (1, Phase.AFTER, 1)),
        ([SINGLE, REPEAT], 199, (1, Phase.AFTER, 199)),
        ([SINGLE, REPEAT], 200, (1, Phase.AFTER, 200)),
        ([REPEAT, SINGLE], 201, (2, Phase.AFTER, 1)),
    ],
)
def test_an_answer_belongs_to_the_course_that_began_last(courses, days, expected):
    found = owner(on(days), courses, [])
    assert (found.course, found.phase, found.days) == expected


def test_the_day_of_a_repeat_is_its_baseline_as_well():
    assert owner(on(200), [SINGLE, REPEAT], []).course == 1
    assert is_baseline(on(200), REPEAT.begins_on)
    assert not is_baseline(on(201), REPEAT.begins_on)
    assert not is_baseline(on(169), REPEAT.begins_on)


@pytest.mark.parametrize(
    ("courses", "number"),
    [([], None), ([SINGLE], 1), ([SERIES], 1), ([REPEAT, SINGLE], 2), ([REPEAT], 2)],
)
def test_the_last_course_that_was_given_owns_what_is_to_come(courses, number):
    assert last_owner(courses) == number


def test_what_was_added_is_named_and_takes_nothing_over():
    others = [other(60, "Acupuncture"), other(40), other(0), other(-5)]
    found = owner(on(61), [SINGLE], others)
    assert [one.label for one in found.added] == ["Therapy", "Acupuncture"]
    assert found.course == 1


@pytest.mark.parametrize(("days", "named"), [(39, 0), (40, 0), (41, 1)])
def test_an_addition_counts_from_the_day_after_it(days, named):
    assert len(owner(on(days), [SINGLE], [other(40)]).added) == named


def test_additions_before_a_repeat_are_the_earlier_courses():
    found = owner(on(230), [SINGLE, REPEAT], [other(40), other(210)])
    assert [one.on for one in found.added] == [on(210)]
