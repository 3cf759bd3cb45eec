"""Own change against brute force, pandas, scipy and a bootstrap of its own."""

import random
import time
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from outcomes.dashboards.statistics import correlation, mic
from outcomes.dashboards.statistics.mic import Anchored
from outcomes.instruments import library

BETTER, SAME = mic.A_LITTLE_BETTER, mic.ABOUT_THE_SAME


def people(seed=3, n=400):
    """Who says better did improve, with noise; steps of half a point."""
    rng = random.Random(seed)
    return [
        Anchored(anchor, round(2 * rng.gauss(5 - 1.2 * anchor, 1.5)) / 2)
        for anchor in (rng.choice([1, 2, 3, 3, 4, 4, 5, 6, 7]) for _ in range(n))
    ]


def split(cohort):
    return (
        [p.improvement for p in cohort if p.anchor == BETTER],
        [p.improvement for p in cohort if p.anchor == SAME],
    )


def brute_force(better, same):
    """The smallest of the values with the largest Youden index, by trying each."""

    def youden(at):
        hit = Fraction(sum(value >= at for value in better), len(better))
        alarm = Fraction(sum(value >= at for value in same), len(same))
        return hit - alarm

    best = max(youden(at) for at in {*better, *same})
    return min(at for at in {*better, *same} if youden(at) == best), float(best)


def by_pandas(better, same):
    frame = pd.DataFrame(
        {"at": [*better, *same], "is_better": [1] * len(better) + [0] * len(same)}
    )
    table = frame.groupby(["at", "is_better"]).size().unstack(fill_value=0)
    reached = table[::-1].cumsum()[::-1] / table.sum()
    youden = (reached[1] - reached[0]).round(12)
    return youden[youden == youden.max()].index.min()


def test_the_steps_are_those_of_the_shipped_question():
    [item] = library.instruments()["global_change"].items
    labels = {option.value: option.label["en"] for option in item.options}
    assert labels[BETTER] == "A little better"
    assert labels[SAME] == "About the same"
    assert min(labels) == 1
    assert max(labels) == 7


def test_the_mean_change_is_that_of_who_said_a_little_better():
    cohort = people()
    frame = pd.DataFrame([(p.anchor, p.improvement) for p in cohort])
    means = frame.groupby(0)[1].mean()
    found = mic.mic(cohort)
    assert found.mean_change.points == pytest.approx(means[BETTER], abs=1e-9)
    assert found.better.mean == pytest.approx(means[BETTER], abs=1e-9)
    assert found.same.mean == pytest.approx(means[SAME], abs=1e-9)
    assert (found.better.n, found.same.n) == tuple(
        frame[0].value_counts()[[BETTER, SAME]]
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_cut_agrees_with_brute_force_and_with_pandas(seed):
    cohort = people(seed)
    better, same = split(cohort)
    found = mic.mic(cohort, resamples=10).roc
    at, youden = brute_force(better, same)
    assert found.estimate.points == at == by_pandas(better, same)
    assert found.sensitivity + found.specificity - 1 == pytest.approx(youden)
    assert found.sensitivity == np.mean(np.array(better) >= at)
    assert found.specificity == pytest.approx(np.mean(np.array(same) < at))


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=20),
    st.lists(st.integers(-5, 5), min_size=1, max_size=20),
)
def test_the_best_cut_is_the_smallest_of_the_best(better, same):
    cut = mic.best_cut(Counter(better), Counter(same))
    at, youden = brute_force(better, same)
    assert cut.at == at
    assert cut.youden == pytest.approx(youden)


def test_the_intervals_agree_with_a_bootstrap_by_numpy_and_scipy():
    """Another generator, so not the same draws: means and cuts of 4,000 of them."""
    cohort = people(5, 900)
    better, same = split(cohort)
    found = mic.mic(cohort, resamples=4000)
    expected = stats.bootstrap(
        (better,), np.mean, method="percentile", n_resamples=4000, rng=11
    ).confidence_interval
    assert found.mean_change.ci == pytest.approx(expected, abs=0.03)
    rng = np.random.default_rng(11)
    cuts = [
        mic.best_cut(
            Counter(rng.choice(better, len(better)).tolist()),
            Counter(rng.choice(same, len(same)).tolist()),
        ).at
        for _ in range(4000)
    ]
    assert found.roc.estimate.ci == tuple(np.quantile(cuts, [0.025, 0.975]))


def test_an_interval_is_the_percentiles_of_its_own_draws():
    cohort = people()
    better, same = split(cohort)
    rng = random.Random(9)
    means, cuts = [], []
    for _ in range(300):
        drawn = rng.choices(better, k=len(better))
        others = rng.choices(same, k=len(same))
        means.append(np.mean(drawn))
        cuts.append(brute_force(drawn, others)[0])
    found = mic.mic(cohort, resamples=300, seed=9)
    tails = [0.025, 0.975]
    assert found.mean_change.ci == pytest.approx(tuple(np.quantile(means, tails)))
    assert found.roc.estimate.ci == pytest.approx(tuple(np.quantile(cuts, tails)))


def test_the_same_seed_gives_the_same_interval_again():
    cohort = people()
    assert mic.mic(cohort, seed=4) == mic.mic(cohort, seed=4)
    assert mic.mic(cohort, seed=4) != mic.mic(cohort, seed=5)


def test_the_correlation_agrees_with_scipy_and_is_positive_where_they_agree():
    cohort = people()
    found = mic.mic(cohort, resamples=10)
    expected = stats.spearmanr(
        [-p.anchor for p in cohort], [p.improvement for p in cohort]
    ).statistic
    assert found.correlation == pytest.approx(expected, abs=1e-9)
    assert found.correlation > 0.5
    assert not found.is_anchor_weak


@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(-9, 9)), min_size=3, max_size=60)
)
def test_spearman_agrees_with_scipy(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    found = correlation.spearman(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert found is None
    else:
        expected = stats.spearmanr(first, second).statistic
        assert found == pytest.approx(expected, abs=1e-9)


def test_lists_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="2 values beside 1"):
        correlation.spearman([1, 2], [1])


def test_an_anchor_that_says_something_else_is_weak():
    rng = random.Random(2)
    cohort = [
        Anchored(rng.randint(1, 7), float(rng.randint(-4, 4))) for _ in range(500)
    ]
    assert mic.mic(cohort, resamples=10).is_anchor_weak


def groups(better, same, improvement=(2.0, 0.0)):
    return [Anchored(BETTER, improvement[0])] * better + [
        Anchored(SAME, improvement[1])
    ] * same


@pytest.mark.parametrize(("better", "same"), [(29, 200), (200, 29), (0, 0), (0, 50)])
def test_below_the_minimum_in_either_group_there_is_none(better, same):
    found = mic.mic(groups(better, same))
    assert found.why_not == mic.TOO_FEW
    assert (found.mean_change, found.roc) == (None, None)
    assert (found.better.n, found.same.n) == (better, same)


def test_at_the_minimum_there_is_one():
    found = mic.mic(groups(mic.SMALLEST_GROUP, mic.SMALLEST_GROUP))
    assert found.why_not == ""
    assert found.mean_change == mic.Estimate(2.0, (2.0, 2.0))
    assert found.roc == mic.Roc(mic.Estimate(2.0, (2.0, 2.0)), 1.0, 1.0)


def test_where_nobody_changed_it_says_so():
    found = mic.mic(groups(40, 40, (0.0, 0.0)))
    assert found.why_not == mic.ALL_ALIKE


def test_where_no_cut_tells_the_groups_apart_there_is_only_the_mean():
    cohort = [
        Anchored(anchor, value)
        for anchor in (BETTER, SAME)
        for value in (0.0, 1.0)
        for _ in range(20)
    ]
    found = mic.mic(cohort)
    assert found.roc is None
    assert found.mean_change.points == 0.5


def test_a_cut_needs_both_groups():
    with pytest.raises(ValueError, match="both groups"):
        mic.best_cut(Counter([1.0]), Counter())


@pytest.mark.parametrize(
    ("n", "resamples"), [(500, 1000), (20_000, 1000), (60_000, 333), (10**6, 200)]
)
def test_very_large_groups_are_drawn_fewer_times(n, resamples):
    assert mic.resamples_of(n) == resamples


def test_a_thousand_resamples_of_five_hundred_people_are_soon_done():
    """In time of this thread, a hundred times what it takes, whatever else runs."""
    began = time.thread_time()
    found = mic.mic(people(1, 1300))
    assert found.better.n + found.same.n > 500
    assert time.thread_time() - began < 10
