import numpy as np
import pytest
from scipy import stats

from outcomes.dashboards.statistics import regression


@pytest.mark.parametrize("mean", [3.2, 5.0, 6.4])
@pytest.mark.parametrize("cut", [2, 4, 5.5, 8])
@pytest.mark.parametrize("r", [0.0, 0.6, 0.83, 1.0])
def test_with_a_cut_agrees_with_scipys_truncated_normal(mean, cut, r):
    sd = 1.9
    found = regression.expected_with_cut(mean, sd, r, cut, "lower")
    entered = stats.truncnorm.mean((cut - mean) / sd, np.inf, loc=mean, scale=sd)
    assert found.baseline == pytest.approx(entered, abs=1e-9)
    a = (cut - mean) / sd
    hazard = stats.norm.pdf(a) / stats.norm.sf(a)
    assert found.improvement == pytest.approx((1 - r) * sd * hazard, abs=1e-9)


def test_with_a_cut_agrees_with_people_drawn_at_random():
    """Two days of the same 400,000 people; nobody was treated in between."""
    drawn = np.random.default_rng(7).multivariate_normal(
        [5, 5], [[4, 0.6 * 4], [0.6 * 4, 4]], size=400_000
    )
    entered = drawn[drawn[:, 0] >= 6]
    found = regression.expected_with_cut(5, 2, 0.6, 6, "lower")
    fall = (entered[:, 0] - entered[:, 1]).mean()
    assert found.baseline == pytest.approx(entered[:, 0].mean(), abs=0.02)
    assert found.improvement == pytest.approx(fall, abs=0.02)


def test_a_measure_where_higher_is_better_is_the_mirror_image():
    lower = regression.expected_with_cut(5, 2, 0.6, 6, "lower")
    higher = regression.expected_with_cut(5, 2, 0.6, 4, "higher")
    assert higher.improvement == pytest.approx(lower.improvement)
    assert higher.baseline == pytest.approx(10 - lower.baseline)


def test_far_out_the_tail_still_has_digits():
    found = regression.expected_with_cut(5, 0.5, 0.6, 10, "lower")
    expected = 0.5 * 0.4 * stats.norm.pdf(10) / stats.norm.sf(10)
    assert found.improvement == pytest.approx(expected, rel=1e-9)


def test_beyond_all_people_there_is_no_figure_but_a_reason():
    found = regression.expected_with_cut(5, 0.1, 0.6, 10, "lower")
    assert (found.improvement, found.baseline) == (None, None)
    assert "nobody is expected" in found.why_not


@pytest.mark.parametrize(
    ("better_is", "entered", "expected"),
    [("lower", 7.0, 0.8), ("lower", 4.0, -0.4), ("higher", 3.0, 0.8)],
)
def test_without_a_cut_the_distance_to_the_usual_shrinks(better_is, entered, expected):
    found = regression.expected_without_cut(entered, 5.0, 0.6, better_is)
    assert found.improvement == pytest.approx(expected)


def test_without_a_cut_and_without_a_usual_level_it_is_not_known():
    found = regression.expected_without_cut(6.1, None, 0.6, "lower")
    assert found.improvement is None
    assert "usual level" in found.why_not


def test_agreement_from_the_detectable_change():
    """Swespine, back pain: MDC 3.6 is a SEM of 1.2988; at an SD of 2.5 r is 0.7301."""
    found = regression.agreement(3.6, 2.5)
    assert round(3.6 / (1.96 * 2**0.5), 4) == 1.2988
    assert round(found.r, 4) == 0.7301


@pytest.mark.parametrize(
    ("mdc", "sd", "why_not"),
    [
        (None, 2.0, "no detectable change is published"),
        (3.6, None, "no spread"),
        (3.6, 0.0, "no spread"),
        (3.6, 1.2, "wider than the spread"),
    ],
)
def test_where_agreement_cannot_be_told_it_says_why(mdc, sd, why_not):
    found = regression.agreement(mdc, sd)
    assert found.r is None
    assert why_not in found.why_not


@pytest.mark.parametrize(("sd", "r"), [(0, 0.6), (2, -0.1), (2, 1.1)])
def test_nonsense_is_refused(sd, r):
    with pytest.raises(ValueError, match="0 <= r <= 1"):
        regression.expected_with_cut(5, sd, r, 6, "lower")
