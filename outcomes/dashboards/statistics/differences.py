"""How far two groups of people are apart, and how sure that is."""

import math
from dataclasses import dataclass

from outcomes.dashboards.statistics.intervals import Summary, t_quantile
from outcomes.dashboards.statistics.values import LEVEL, Interval


@dataclass(frozen=True, slots=True)
class Difference:
    """The first mean less the second, with Welch's 95 % interval; None of too few."""

    mean: float | None
    ci: Interval | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.ci is not None and (self.ci[0] > 0 or self.ci[1] < 0)


def difference(one: Summary, other: Summary, level: float = LEVEL) -> Difference:
    """Of two samples that may spread differently (Welch 1947)."""
    if one.mean is None or other.mean is None:
        return Difference(None, None)
    apart = one.mean - other.mean
    if one.sd is None or other.sd is None:
        return Difference(apart, None)
    first, second = one.sd**2 / one.n, other.sd**2 / other.n
    error = math.sqrt(first + second)
    if not error:
        return Difference(apart, None)
    df = (first + second) ** 2 / (first**2 / (one.n - 1) + second**2 / (other.n - 1))
    half = t_quantile(0.5 + level / 2, df) * error
    return Difference(apart, (apart - half, apart + half))
