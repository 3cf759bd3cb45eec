from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.dashboards.statistics import distribution


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


@given(
    st.lists(st.integers(-40, 40), min_size=1, max_size=80),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_quantiles_agree_with_pandas(values, probabilities):
    numbers = [value / 4 for value in values]
    found = distribution.quantiles(Counter(numbers).items(), probabilities)
    expected = pd.Series(numbers).quantile(probabilities)
    assert found == pytest.approx(list(expected), abs=1e-9)


def test_quantiles_of_nothing_are_none():
    assert distribution.quantiles([], [0.5]) is None


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        distribution.quantiles([(1, 1)], [1.5])


def test_a_span_without_width_is_refused():
    with pytest.raises(ValueError, match="minimum < maximum"):
        distribution.step_width(3, 3)
