import math
import statistics as stdlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from outcomes.dashboards import statistics

PCT30 = statistics.RULES["pct30"]


def test_t_quantile_agrees_with_scipy_for_every_df_to_1000():
    worst = max(
        abs(statistics.t_quantile(0.975, df) - stats.t.ppf(0.975, df))
        for df in range(1, 1001)
    )
    assert worst < 1e-9


@pytest.mark.parametrize("probability", [0.6, 0.9, 0.95, 0.995, 0.9995])
@pytest.mark.parametrize("df", [1, 2, 7, 30, 999, 50_000])
def test_t_quantile_agrees_with_scipy_at_other_levels(probability, df):
    expected = stats.t.ppf(probability, df)
    assert statistics.t_quantile(probability, df) == pytest.approx(expected, rel=1e-9)


def test_t_quantile_is_symmetric_about_the_median():
    assert statistics.t_quantile(0.5, 4) == 0
    assert statistics.t_quantile(0.025, 4) == pytest.approx(
        -statistics.t_quantile(0.975, 4)
    )


@pytest.mark.parametrize(("probability", "df"), [(0, 3), (1, 3), (0.5, 0)])
def test_t_quantile_refuses_what_has_no_quantile(probability, df):
    with pytest.raises(ValueError, match="df >= 1"):
        statistics.t_quantile(probability, df)


def test_summary_of_nothing_has_no_mean():
    assert statistics.summary([]) == statistics.Summary(0, None, None, None)


def test_summary_of_one_value_has_no_spread():
    assert statistics.summary([Decimal("4.5")]) == statistics.Summary(
        1, 4.5, None, None
    )


def test_summary_of_equal_values_has_an_interval_of_no_width():
    assert statistics.summary([3, 3, 3]) == statistics.Summary(3, 3.0, 0.0, (3.0, 3.0))


@given(st.lists(st.integers(0, 100), min_size=2, max_size=60))
def test_summary_agrees_with_scipy(values):
    found = statistics.summary([value / 10 for value in values])
    numbers = [value / 10 for value in values]
    assert found.mean == pytest.approx(stdlib.fmean(numbers))
    assert found.sd == pytest.approx(stdlib.stdev(numbers), abs=1e-12)
    if found.sd:
        low, high = stats.t.interval(
            0.95, len(numbers) - 1, found.mean, stats.sem(numbers)
        )
        assert found.ci == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_summary_names_the_value_which_is_no_number(bad):
    with pytest.raises(ValueError, match="value 2"):
        statistics.summary([1.0, bad])


@given(st.integers(1, 400), st.data())
def test_wilson_agrees_with_scipy_and_stays_within_0_and_1(n, data):
    successes = data.draw(st.integers(0, n))
    low, high = statistics.wilson(successes, n)
    oracle = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    assert 0 <= low <= successes / n <= high <= 1


def test_wilson_reaches_the_ends_exactly():
    assert statistics.wilson(0, 7)[0] == 0.0
    assert statistics.wilson(7, 7)[1] == 1.0


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError, match="successes"):
        statistics.wilson(successes, n)


@pytest.mark.parametrize(
    ("rule", "baseline", "value", "better_is", "expected"),
    [
        ("pct30", 4.5, 3.15, "lower", True),
        ("pct30", Decimal("4.5"), Decimal("3.15"), "lower", True),
        ("pct30", 4.5, 3.16, "lower", False),
        ("pct30", 7, 4.9, "lower", True),
        ("pct30", 10, 7, "lower", True),
        ("pct30", 50, 65, "higher", True),
        ("pct30", 50, 35, "higher", False),
        ("pct30", 50, 64.9, "higher", False),
        ("pct30", 0, 0, "lower", None),
        ("pct30", -0.2, 0.4, "higher", None),
        ("pct50", 8, 4, "lower", True),
        ("pct50", 8, 5, "lower", False),
        ("points2", 0, 2, "higher", True),
        ("points2", 0, 0, "lower", False),
        ("points2", 5, 3, "lower", True),
        ("points2", 5, 3.1, "lower", False),
        ("points2", 5, 7, "lower", False),
        ("both", 4, 2, "lower", True),
        ("both", 4, 2.5, "lower", False),
        ("both", 9, 7, "lower", False),
        ("both", 0, 0, "lower", None),
    ],
)
def test_rule_is_met_exactly_at_its_threshold(
    rule, baseline, value, better_is, expected
):
    found = statistics.is_responder(
        statistics.RULES[rule], baseline, value, better_is, None, None
    )
    assert found is expected


@pytest.mark.parametrize(
    ("points", "percent", "baseline", "value", "expected"),
    [
        (10, 30, 40, 30, True),
        (10, 30, 40, 30.5, False),
        (None, 30, 40, 28, True),
        (None, 30, 40, 29, False),
        (None, 30, 0, 0, None),
        (10, None, 0, 0, False),
        (None, None, 40, 0, None),
    ],
)
def test_own_change_goes_by_points_else_by_percent(
    points, percent, baseline, value, expected
):
    rule = statistics.RULES["mic"]
    found = statistics.is_responder(rule, baseline, value, "lower", points, percent)
    assert found is expected


@given(
    st.sampled_from(sorted(statistics.RULES)),
    st.decimals(0, 10, places=2),
    st.decimals(0, 10, places=2),
    st.sampled_from(["lower", "higher"]),
)
def test_floats_and_decimals_are_judged_alike(key, baseline, value, better_is):
    rule = statistics.RULES[key]
    exact = statistics.is_responder(rule, baseline, value, better_is, 2, 30)
    assert exact is statistics.is_responder(
        rule, float(baseline), float(value), better_is, 2, 30
    )


def test_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="better_is"):
        statistics.is_responder(PCT30, 5, 3, "down", None, None)


def test_value_which_is_no_number_is_refused():
    with pytest.raises(ValueError, match="not a finite number"):
        statistics.is_responder(PCT30, 5, math.nan, "lower", None, None)


@pytest.mark.parametrize(
    ("rule", "baseline", "better_is", "expected"),
    [
        ("pct30", 7, "lower", 4.9),
        ("mic", 7, "lower", 5.0),
        ("mic", 60, "higher", 62.0),
        ("pct30", 0, "lower", None),
    ],
)
def test_threshold_is_the_first_value_that_counts(rule, baseline, better_is, expected):
    found = statistics.threshold(
        statistics.RULES[rule], baseline, better_is, mic_points=2
    )
    assert found == expected


@pytest.mark.parametrize(
    ("improved", "answered", "eligible", "rate", "ci", "failed", "succeeded"),
    [
        (28, 38, 50, 0.7368, (0.5799, 0.8503), 0.56, 0.80),
        (16, 39, 51, 0.4103, (0.2708, 0.5658), 0.3137, 0.5490),
        (21, 36, 50, 0.5833, (0.4220, 0.7286), 0.42, 0.70),
    ],
)
def test_published_trial_rates_are_reproduced(
    improved, answered, eligible, rate, ci, failed, succeeded
):
    found = statistics.responder_rate(improved, answered, eligible)
    assert found.rule is PCT30
    assert found.rate == pytest.approx(rate, abs=5e-5)
    assert found.ci == pytest.approx(ci, abs=5e-5)
    assert found.if_missing_failed == pytest.approx(failed, abs=5e-5)
    assert found.if_missing_succeeded == pytest.approx(succeeded, abs=5e-5)
    assert found.capture == answered / eligible


def test_rate_of_nobody_is_undefined():
    found = statistics.responder_rate(0, 0, 0)
    assert (found.rate, found.ci, found.capture) == (None, None, None)
    assert (found.if_missing_failed, found.if_missing_succeeded) == (None, None)


def test_nobody_answering_leaves_everything_possible():
    found = statistics.responder_rate(0, 0, 5)
    assert (found.rate, found.capture) == (None, 0)
    assert (found.if_missing_failed, found.if_missing_succeeded) == (0, 1)


@pytest.mark.parametrize("counts", [(-1, 2, 3), (3, 2, 3), (1, 4, 3)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="improved <= answered <= eligible"):
        statistics.responder_rate(*counts)


def test_one_to_nine_people_are_too_few():
    assert [n for n in range(12) if statistics.is_too_few(n)] == list(range(1, 10))
