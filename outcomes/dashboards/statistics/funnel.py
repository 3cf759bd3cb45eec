"""Control limits of a funnel plot: how far chance alone carries a share of n people.

Exact binomial, after Spiegelhalter 2005 (FUNNEL2005): a limit is a count of the
distribution itself, not a normal curve that leaves 0 to 1 where n is small.
"""

import functools
import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

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
    below = _cumulative(centre, n)
    tail = (1 - level) / 2
    return Limits(n, _quantile(below, tail), _quantile(below, 1 - tail))


def curve(
    centre: float, sizes: Iterable[int], level: float = WARNING_LEVEL
) -> list[Limits]:
    """The limits at each n: the two lines of the funnel."""
    return [limits(centre, n, level) for n in sizes]


def _quantile(below: list[float], probability: float) -> int:
    """The smallest count that at least this share of groups does not exceed."""
    # A sum of rounded terms may miss the tail that it equals by a last digit.
    return min(bisect_left(below, probability - 1e-12), len(below) - 1)


# Both levels of one group ask for the same.
@functools.lru_cache(maxsize=4)
def _cumulative(centre: float, n: int) -> list[float]:
    """P(count <= k) for k from 0 to n."""
    whole, yes, no = math.lgamma(n + 1), math.log(centre), math.log1p(-centre)
    exact = (
        math.exp(
            whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * yes + (n - k) * no
        )
        for k in range(n + 1)
    )
    return list(accumulate(exact))
