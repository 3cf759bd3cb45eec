"""Control limits of a funnel plot: how far chance alone carries a share of n people.

Exact binomial, after Spiegelhalter 2005 (FUNNEL2005): a limit is a count of the
distribution itself, not a normal curve that leaves 0 to 1 where n is small.
"""

import functools
import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

# About two and three standard deviations: a first look, and out of control.
WARNING_LEVEL = 0.95
ALARM_LEVEL = 0.998
# Below it no plot of single clinicians is shown (facts of the clinical side, 5.3).
SMALLEST_PLOTTED_GROUP = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of n people: from low to high is what chance alone explains."""

    n: int
    low: int
    high: int

    @property
    def low_rate(self) -> float:
        return self.low / self.n

    @property
    def high_rate(self) -> float:
        return self.high / self.n


@functools.lru_cache(maxsize=4096)
def limits(centre: float, n: int, level: float = WARNING_LEVEL) -> Limits:
    """The binomial quantiles that leave (1 - level) / 2 at either end.

    centre is the share of all together, 0 to 1. A count on a limit is inside.
    """
    if not 0 <= centre <= 1 or n < 1 or not 0 < level < 1:
        raise ValueError(
            "limits needs 0 <= centre <= 1, n >= 1 and 0 < level < 1, "
            f"got {centre}, {n}, {level}"
        )
    if centre in (0, 1):
        same = n if centre else 0
        return Limits(n, same, same)
    first, below = _cumulative(centre, n)
    tail = (1 - level) / 2
    low, high = _quantile(below, tail), _quantile(below, 1 - tail)
    return Limits(n, first + low, first + high)


def curve(
    centre: float, sizes: Iterable[int], level: float = WARNING_LEVEL
) -> list[Limits]:
    """The limits at each n: the two lines of the funnel."""
    return [limits(centre, n, level) for n in sizes]


def _quantile(below: list[float], probability: float) -> int:
    """The smallest count that at least this share of groups does not exceed."""
    # A sum of rounded terms may miss the tail that it equals by a last digit.
    return min(bisect_left(below, probability - 1e-12), len(below) - 1)


# Farther from the middle, in standard deviations, lies less than a rounding error.
_FAR = 9


# Both levels of every size on a curve ask for the same.
@functools.lru_cache(maxsize=1024)
def _cumulative(centre: float, n: int) -> tuple[int, list[float]]:
    """The first count that can matter, and P(count <= k) from it on.

    Each term from the one before it: a curve holds a hundred sizes, some of them of
    thousands of people.
    """
    spread = _FAR * (math.sqrt(n * centre * (1 - centre)) + 1)
    first = max(0, math.floor(n * centre - spread))
    last = min(n, math.ceil(n * centre + spread))
    odds = centre / (1 - centre)
    term = math.exp(
        math.lgamma(n + 1)
        - math.lgamma(first + 1)
        - math.lgamma(n - first + 1)
        + first * math.log(centre)
        + (n - first) * math.log1p(-centre)
    )
    below = [term]
    for k in range(first, last):
        term *= (n - k) / (k + 1) * odds
        below.append(below[-1] + term)
    return first, below
