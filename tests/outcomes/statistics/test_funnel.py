import pytest
from scipy import stats

from outcomes.dashboards.statistics import funnel


@pytest.mark.parametrize("centre", [0.02, 0.31, 0.5, 0.625, 0.97])
@pytest.mark.parametrize("level", [funnel.WARNING_LEVEL, funnel.ALARM_LEVEL])
def test_limits_are_scipys_binomial_quantiles_at_every_size(centre, level):
    for n in [*range(1, 200), 1000, 4321]:
        found = funnel.limits(centre, n, level)
        expected = stats.binom.ppf([(1 - level) / 2, (1 + level) / 2], n, centre)
        assert (found.low, found.high) == tuple(expected), n


def test_rates_are_the_counts_over_n():
    found = funnel.limits(0.5, 20)
    assert (found.low_rate, found.high_rate) == (0.3, 0.7)


@pytest.mark.parametrize(("centre", "count"), [(0, 0), (1, 30)])
def test_where_all_or_nobody_improved_there_is_nothing_but_that(centre, count):
    found = funnel.limits(centre, 30)
    assert (found.low, found.high) == (count, count)


def test_the_curve_narrows():
    narrow = [found.high_rate for found in funnel.curve(0.5, [20, 50, 100])]
    assert narrow == [0.7, 0.64, 0.6]


@pytest.mark.parametrize(
    ("centre", "n", "level"), [(-0.1, 20, 0.95), (1.1, 20, 0.95), (0.5, 0, 0.95)]
)
def test_what_has_no_limits_is_refused(centre, n, level):
    with pytest.raises(ValueError, match="limits needs"):
        funnel.limits(centre, n, level)
