from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.dashboards.statistics import distribution
from outcomes.dashboards.statistics.distribution import Step


@pytest.mark.parametrize(
    ("minimum", "maximum", "width"),
    [
        (0, 10, 1),
        (0, 100, 10),
        (1, 7, 1),
        (0, 24, 5),
        (0, 1, 0.1),
        (-0.6, 1, 0.2),
        (0, 56, 10),
        (0, 1260, 200),
    ],
)
def test_a_step_is_about_a_tenth_of_the_span(minimum, maximum, width):
    assert distribution.step_width(minimum, maximum) == width


def test_steps_have_no_gaps_and_run_from_worse_to_better():
    found = distribution.steps([(-3, 2), (0, 1), (1, 4)], "lower")
    assert found == [Step(-1, 4), Step(0, 1), Step(1, 0), Step(2, 0), Step(3, 2)]


def test_where_higher_is_better_a_rise_is_an_improvement():
    found = distribution.steps([(2, 5), (-1, 1)], "higher")
    assert found == [Step(-1, 1), Step(0, 0), Step(1, 0), Step(2, 5)]


def test_a_threshold_falls_between_steps_and_both_ways_alike():
    changes = [(-10, 1), (-9.5, 1), (-20, 1), (9.5, 1), (10, 1)]
    found = distribution.steps(changes, "lower", 10)
    assert found == [Step(-10, 1), Step(0, 2), Step(10, 1), Step(20, 1)]


def test_a_step_is_not_missed_by_a_last_binary_digit():
    third = 0.1 + 0.2
    assert distribution.steps([(-third, 1)], "lower", 0.1)[-1] == Step(0.3, 1)


def test_nothing_has_no_steps():
    assert distribution.steps([], "lower") == []
    assert distribution.steps([(2, 0)], "lower") == []


@given(
    st.lists(st.integers(-40, 40), min_size=1, max_size=80),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_quantiles_agree_with_pandas(values, probabilities):
    numbers = [value / 4 for value in values]
    found = distribution.quantiles(Counter(numbers).items(), probabilities)
    expected = pd.Series(numbers).quantile(probabilities)
    assert found == pytest.approx(list(expected), abs=1e-9)


@given(st.lists(st.integers(-10, 10), min_size=1, max_size=80))
def test_steps_agree_with_pandas(values):
    found = distribution.steps(Counter(values).items(), "lower")
    expected = (-pd.Series(values)).value_counts()
    assert {s.least: s.n for s in found if s.n} == expected.to_dict()


def test_quantiles_of_nothing_are_none():
    assert distribution.quantiles([], [0.5]) is None


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        distribution.quantiles([(1, 1)], [1.5])


def test_a_span_without_width_is_refused():
    with pytest.raises(ValueError, match="minimum < maximum"):
        distribution.step_width(3, 3)


def test_a_step_without_width_is_refused():
    with pytest.raises(ValueError, match="wider than 0"):
        distribution.steps([(1, 1)], "lower", 0)
