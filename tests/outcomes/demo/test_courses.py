from datetime import date, timedelta
from random import Random

import pytest

from outcomes.demo import courses
from outcomes.demo.courses import Course, Stretch

DAY_0 = date(2025, 1, 6)


def middling(treatment: str) -> Course:
    return Course(6.0, (Stretch(treatment, DAY_0, 1.0, 0.0),))


def level(course: Course, days: int) -> float:
    return course.level(DAY_0 + timedelta(days=days))


def test_before_a_treatment_pain_stays_as_it_is() -> None:
    assert level(middling("prp"), -10) == level(middling("prp"), 0) == 6.0


def test_therapy_gains_steadily_over_half_a_year() -> None:
    course = middling("physical_therapy")
    levels = [level(course, day) for day in (0, 14, 42, 90, 182)]
    assert levels == sorted(levels, reverse=True)


def test_an_injection_helps_fast_and_fades() -> None:
    course = middling("image_guided_injection")
    assert level(course, 14) < level(course, 182) < 6.0


@pytest.mark.parametrize("treatment", ["prp", "bone_marrow_concentrate"])
def test_platelets_and_marrow_flare_before_they_gain(treatment: str) -> None:
    course = middling(treatment)
    assert level(course, 3) > 6.0 > level(course, 90)


def test_a_flare_comes_to_those_who_gain_nothing_too() -> None:
    course = Course(5.0, (Stretch("prp", DAY_0, 0.0, 0.0),))
    assert level(course, 3) > 5.0 == level(course, 90)


def test_some_get_worse_and_never_beyond_ten() -> None:
    course = Course(8.5, (Stretch("lifestyle", DAY_0, 0.0, 3.0),))
    assert level(course, 60) > 8.5
    assert level(course, 400) == 10.0


def test_a_second_treatment_starts_where_the_first_led() -> None:
    second_on = DAY_0 + timedelta(days=150)
    course = Course(
        7.0,
        (
            Stretch("physical_therapy", DAY_0, 0.5, 0.0),
            Stretch("image_guided_injection", second_on, 1.0, 0.0),
        ),
    )
    reached = level(course, 149)
    assert level(course, 150) == pytest.approx(reached, abs=0.01)
    assert level(course, 164) < reached - 1


def test_answers_are_whole_numbers_from_0_to_10() -> None:
    rng, course = Random("test"), Course(9.0, ())
    habits = courses.draw_habits(rng, 8.0, follows_back=True)
    for day in range(200):
        on = DAY_0 + timedelta(days=day)
        assert 0 <= courses.pain(rng, course, on) <= 10
        assert 0 <= courses.back_pain(rng, habits, course, on) <= 10
        assert 0 <= courses.activity_limits(rng, habits, course, on) <= 10


@pytest.mark.parametrize(
    ("now", "steps"), [(0.5, {1}), (4.2, {2, 3}), (6.0, {4}), (9.9, {6, 7})]
)
def test_global_change_agrees_with_the_pain(now: float, steps: set[int]) -> None:
    rng = Random("test")
    answers = [courses.global_change(rng, 6.0, now) for _ in range(40)]
    assert sum(answer in steps for answer in answers) >= 30
