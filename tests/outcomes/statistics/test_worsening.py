import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import worsening


@pytest.mark.parametrize(
    ("baseline", "value", "better_is", "points", "percent", "expected"),
    [
        (4, 6, "lower", 2, None, True),
        (4, 5.9, "lower", 2, None, False),
        (6, 4, "higher", 2, None, True),
        (4, 2, "lower", 2, None, False),
        # Points stand before a percentage, also at a baseline of 0.
        (0, 2, "lower", 2, 30, True),
        (5, 6.5, "lower", None, 30, True),
        (5, 6.4, "lower", None, 30, False),
        # 4.5 and 30 % of it is 5.85, which no binary fraction meets.
        (4.5, 5.85, "lower", None, 30, True),
        (0, 5, "lower", None, 30, None),
        # Neither is known: 2 points of ten.
        (4, 6, "lower", None, None, True),
        (4, 5, "lower", None, None, False),
    ],
)
def test_who_got_worse(baseline, value, better_is, points, percent, expected):
    found = worsening.is_worse(baseline, value, better_is, 10, points, percent)
    assert found is expected


def test_two_of_ten_is_a_fifth_of_any_span():
    assert worsening.is_worse(50, 70, "lower", 100) is True
    assert worsening.is_worse(50, 69, "lower", 100) is False


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 40))
def test_worse_is_better_seen_from_the_other_end(baseline, value, points):
    rule = statistics.Rule("own", "own", own_change=True)
    worse = worsening.is_worse(baseline, value, "lower", 100, points)
    better = statistics.is_responder(rule, baseline, value, "higher", points)
    assert worse is better


@pytest.mark.parametrize(("worsened", "n"), [(0, 8), (3, 31), (12, 12)])
def test_the_rate_agrees_with_statsmodels(worsened, n):
    found = worsening.worsened_rate(worsened, n)
    expected = proportion_confint(worsened, n, 0.05, "wilson")
    assert found.rate == worsened / n
    assert found.ci == pytest.approx(expected, abs=1e-9)


def test_of_nobody_there_is_no_rate():
    found = worsening.worsened_rate(0, 0)
    assert (found.rate, found.ci) == (None, None)


def test_more_worse_than_answered_is_refused():
    with pytest.raises(ValueError, match="worsened <= answered"):
        worsening.worsened_rate(3, 2)
