"""Intervals and bounds beside statsmodels, which shares no line with scipy's tests."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from outcomes.dashboards import statistics


@given(st.lists(st.integers(-100, 100), min_size=2, max_size=60))
def test_t_interval_agrees_with_statsmodels(values):
    numbers = [value / 10 for value in values]
    found = statistics.summary(numbers)
    expected = DescrStatsW(numbers).tconfint_mean(0.05)
    assert found.ci == pytest.approx(expected, abs=1e-9)
    assert found.mean == pytest.approx(pd.Series(numbers).mean(), abs=1e-9)
    assert found.sd == pytest.approx(pd.Series(numbers).std(), abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 9, 40, 113, 5000])
def test_wilson_agrees_with_statsmodels(n):
    for successes in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        expected = proportion_confint(successes, n, 0.05, "wilson")
        assert statistics.wilson(successes, n) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=60))
def test_bounds_agree_with_pandas_filling_in_the_missing(improved):
    """None did not answer: filled with no for the lower bound, yes for the upper."""
    answers = pd.Series(improved, dtype="boolean")
    found = statistics.responder_rate(
        int(answers.sum()), int(answers.count()), len(answers)
    )
    assert found.if_missing_failed == pytest.approx(answers.fillna(False).mean())
    assert found.if_missing_succeeded == pytest.approx(answers.fillna(True).mean())
    assert found.capture == pytest.approx(answers.notna().mean())
    if found.answered:
        assert found.rate == pytest.approx(answers.dropna().mean())
