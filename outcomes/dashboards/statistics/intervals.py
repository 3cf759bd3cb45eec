"""Means with their SD and t interval, and proportions with Wilson's."""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from outcomes.dashboards.statistics.values import LEVEL, Interval, Number


@dataclass(frozen=True, slots=True)
class Summary:
    """Sample SD (n - 1) and t interval of the mean; None where undefined."""

    n: int
    mean: float | None
    sd: float | None
    ci: Interval | None


def summary(values: Iterable[Number]) -> Summary:
    """Summarise answered values; ValueError where one is not a finite number."""
    numbers = [float(value) for value in values]
    for place, number in enumerate(numbers, start=1):
        if not math.isfinite(number):
            raise ValueError(f"value {place} is {number}, not a finite number")
    n = len(numbers)
    if n == 0:
        return Summary(0, None, None, None)
    mean = math.fsum(numbers) / n
    if n == 1:
        return Summary(1, mean, None, None)
    squares = math.fsum((number - mean) ** 2 for number in numbers)
    sd = math.sqrt(squares / (n - 1))
    return Summary(n, mean, sd, mean_interval(n, mean, sd))


def summary_of_sums(n: int, total: float, squares: float) -> Summary:
    """The same from the count, sum and sum of squares that a database adds up.

    Scores have few digits and a small range, so the difference loses nothing.
    """
    if n == 0:
        return Summary(0, None, None, None)
    mean = total / n
    if n == 1:
        return Summary(1, mean, None, None)
    sd = math.sqrt(max(squares - total * mean, 0.0) / (n - 1))
    return Summary(n, mean, sd, mean_interval(n, mean, sd))


def mean_interval(n: int, mean: float, sd: float, level: float = LEVEL) -> Interval:
    """Two-sided t interval of a mean; n must be 2 or more."""
    half = t_quantile(0.5 + level / 2, n - 1) * sd / math.sqrt(n)
    return mean - half, mean + half


@functools.lru_cache(maxsize=4096)
def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t, within 1e-9 of the exact value."""
    if not 0 < probability < 1 or df < 1:
        raise ValueError("t_quantile needs 0 < probability < 1 and df >= 1")
    if probability == 0.5:
        return 0.0
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    tail = 1 - probability
    # The upper tail is convex and falling and the normal quantile lies left of the
    # root, so Newton's steps only ever approach it: no bracket is needed.
    t = NormalDist().inv_cdf(probability)
    for _ in range(200):
        step = (_t_upper_tail(t, df) - tail) / _t_density(t, df)
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def _t_upper_tail(t: float, df: float) -> float:
    return 0.5 * _incomplete_beta(df / 2, 0.5, df / (df + t * t))


def _t_density(t: float, df: float) -> float:
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2)
    log_shape = (df + 1) / 2 * math.log1p(t * t / df)
    return math.exp(log_scale - log_shape) / math.sqrt(df * math.pi)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta I_x(a, b) for 0 < x < 1."""
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
    )
    front = math.exp(log_front)
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta by Lentz's method."""
    smallest = 1e-300
    c = 1.0
    d = 1 / ((1 - (a + b) * x / (a + 1)) or smallest)
    result = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1 / ((1 + term * d) or smallest)
            c = (1 + term / c) or smallest
            change = d * c
            result *= change
        if abs(change - 1) < 1e-16:
            break
    return result


def wilson(successes: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson score interval of a proportion, within 0 and 1; n must be 1 or more."""
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"wilson needs 0 <= successes <= n and n >= 1, got {successes}, {n}"
        )
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate = successes / n
    centre = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    # The bounds at 0 and n are exactly 0 and 1; rounding alone would miss them.
    low = 0.0 if successes == 0 else (centre - half) / scale
    high = 1.0 if successes == n else (centre + half) / scale
    return max(low, 0.0), min(high, 1.0)
