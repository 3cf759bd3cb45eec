"""The numbers that the clinical facts (5.3) print, and nothing else."""

import pytest

from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import funnel, regression


def test_mean_change_with_its_interval():
    found = statistics.summary([-3, -2, 0, -4, -1, -2])
    assert found.n == 6
    assert found.mean == -2.0
    assert round(found.sd, 4) == 1.4142
    assert tuple(round(bound, 3) for bound in found.ci) == (-3.484, -0.516)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 10, 0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (7, 10, 0.3968, 0.8922),
        (10, 10, 0.7225, 1),
        (18, 40, 0.3071, 0.6017),
        (18, 30, 0.4232, 0.7541),
        (62, 100, 0.5221, 0.7090),
    ],
)
def test_wilson(successes, n, low, high):
    found = statistics.wilson(successes, n)
    assert tuple(round(bound, 4) for bound in found) == (low, high)


@pytest.mark.parametrize(
    ("n", "warning", "alarm"),
    [
        (20, (6, 14), (3, 17)),
        (50, (18, 32), (14, 36)),
        (100, (40, 60), (35, 65)),
    ],
)
def test_funnel(n, warning, alarm):
    inner = funnel.limits(0.5, n, funnel.WARNING_LEVEL)
    outer = funnel.limits(0.5, n, funnel.ALARM_LEVEL)
    assert (inner.low, inner.high) == warning
    assert (outer.low, outer.high) == alarm


def test_regression_to_the_mean():
    found = regression.expected_with_cut(5, 2, 0.6, 6, "lower")
    assert round(found.baseline, 3) == 7.282
    assert round(found.improvement, 3) == 0.913


def test_bounds():
    """40 due, 30 answered, 18 responders: 60 % (42 to 75), bounds 45 % and 70 %."""
    found = statistics.responder_rate(18, 30, 40)
    assert found.rate == 0.6
    assert tuple(round(bound, 2) for bound in found.ci) == (0.42, 0.75)
    assert (found.if_missing_failed, found.if_missing_succeeded) == (0.45, 0.7)
