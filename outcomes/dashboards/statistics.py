"""Figures of the dashboards: means, intervals and responder rates.

Standard library only: scipy costs the web process 100 MB and two seconds.
"""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from statistics import NormalDist
from typing import Literal

Number = Decimal | float
Direction = Literal["lower", "higher"]
Interval = tuple[float, float]

LEVEL = 0.95
SMALLEST_SHOWN_CELL = 10


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
def t_quantile(probability: float, df: int) -> float:
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


def _t_upper_tail(t: float, df: int) -> float:
    return 0.5 * _incomplete_beta(df / 2, 0.5, df / (df + t * t))


def _t_density(t: float, df: int) -> float:
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


@dataclass(frozen=True, slots=True)
class Rule:
    """When a person counts as improved: every bound that is set must be met.

    percent is of the baseline, points are of the measure's own scale, and
    own_change stands for the measure's minimal important change.
    """

    key: str
    label: str
    percent: int | None = None
    points: int | None = None
    own_change: bool = False


# OSTELO2008 (consensus: 30 % of baseline, or 2 points of 10) and IMMPACT2008
# (30 % or 2 points moderate, 50 % substantial improvement).
RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule("pct30", "30 % or more better", percent=30),
        Rule("pct50", "50 % or more better", percent=50),
        Rule("points2", "2 points or more better", points=2),
        Rule("mic", "better by the measure's important change", own_change=True),
        Rule("both", "30 % and 2 points or more better", percent=30, points=2),
    )
}
DEFAULT_RULE = RULES["pct30"]


def needed_change(
    rule: Rule,
    baseline: Number,
    mic_points: Number | None = None,
    mic_percent: Number | None = None,
) -> Decimal | None:
    """Points of improvement the rule asks for; None where it is undefined.

    A percentage of a baseline of 0 or below has no meaning. The measure's own
    change is its points or, where it has none, its percentage (OSTELO2008).
    """
    percents: list[Number] = [] if rule.percent is None else [rule.percent]
    points: list[Number] = [] if rule.points is None else [rule.points]
    if rule.own_change:
        if mic_points is not None:
            points.append(mic_points)
        elif mic_percent is not None:
            percents.append(mic_percent)
        else:
            return None
    start = _exact(baseline)
    if percents and start <= 0:
        return None
    shares = [_exact(percent) * start / 100 for percent in percents]
    return max(shares + [_exact(point) for point in points])


def is_responder(
    rule: Rule,
    baseline: Number,
    value: Number,
    better_is: Direction,
    mic_points: Number | None = None,
    mic_percent: Number | None = None,
) -> bool | None:
    """Whether the change meets the rule; None where the rule is undefined.

    Exact at the threshold: 4.5 to 3.15 is 30 %. Sources: OSTELO2008, IMMPACT2008.
    """
    needed = needed_change(rule, baseline, mic_points, mic_percent)
    if needed is None:
        return None
    fall = _exact(baseline) - _exact(value)
    improvement = fall if _lower_is_better(better_is) else -fall
    return improvement >= needed


def threshold(
    rule: Rule,
    baseline: Number,
    better_is: Direction,
    mic_points: Number | None = None,
    mic_percent: Number | None = None,
) -> float | None:
    """The value at which a person with this baseline starts to count as improved."""
    needed = needed_change(rule, baseline, mic_points, mic_percent)
    if needed is None:
        return None
    start = _exact(baseline)
    return float(start - needed if _lower_is_better(better_is) else start + needed)


def _lower_is_better(better_is: Direction) -> bool:
    if better_is not in ("lower", "higher"):
        raise ValueError(f'better_is must be "lower" or "higher", not {better_is!r}')
    return better_is == "lower"


def _exact(value: Number) -> Decimal:
    # Through the shortest text: the float 3.15 is meant as 3.15, not as the
    # nearest binary fraction, which lies above it and would miss 30 % of 4.5.
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value} is not a number") from None
    if not exact.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return exact


@dataclass(frozen=True, slots=True)
class Responders:
    """A responder rate with its interval and what the missing could make of it.

    Rates, bounds and capture are proportions from 0 to 1; None where the
    denominator is 0.
    """

    rule: Rule
    improved: int
    answered: int
    eligible: int
    rate: float | None
    ci: Interval | None
    if_missing_failed: float | None
    if_missing_succeeded: float | None
    capture: float | None


def responder_rate(
    improved: int, answered: int, eligible: int, rule: Rule = DEFAULT_RULE
) -> Responders:
    """Rate among those for whom the rule is defined: count no others as answered."""
    if not 0 <= improved <= answered <= eligible:
        raise ValueError(
            "responder_rate needs 0 <= improved <= answered <= eligible, "
            f"got {improved}, {answered}, {eligible}"
        )
    return Responders(
        rule=rule,
        improved=improved,
        answered=answered,
        eligible=eligible,
        rate=_ratio(improved, answered),
        ci=wilson(improved, answered) if answered else None,
        if_missing_failed=_ratio(improved, eligible),
        if_missing_succeeded=_ratio(improved + eligible - answered, eligible),
        capture=_ratio(answered, eligible),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def is_too_few(n: int) -> bool:
    """Whether a cell of n people (1 to 9) is too small for a rate."""
    return 1 <= n < SMALLEST_SHOWN_CELL
