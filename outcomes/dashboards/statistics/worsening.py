"""When a person counts as worse, counted with the same weight as who got better."""

from dataclasses import dataclass
from decimal import Decimal

from outcomes.dashboards.statistics.intervals import wilson
from outcomes.dashboards.statistics.values import (
    Direction,
    Interval,
    Number,
    exact,
    improvement,
    ratio,
)


@dataclass(frozen=True, slots=True)
class Worsened:
    """rate and its interval are proportions from 0 to 1; None of nobody."""

    worsened: int
    answered: int
    rate: float | None
    ci: Interval | None


def needed_worsening(
    baseline: Number,
    span: Number,
    mic_points: Number | None = None,
    mic_percent: Number | None = None,
) -> Decimal | None:
    """Points of worsening that count; None where the rule is undefined.

    The measure's own change, in points or else in percent of the baseline, which has
    no meaning at a baseline of 0 or below; without one 2 points of ten, so a fifth of
    the measure's span (OSTELO2008 for what matters; that worsening is held to the
    same is our rule).
    """
    if mic_points is not None:
        return exact(mic_points)
    if mic_percent is not None:
        start = exact(baseline)
        return exact(mic_percent) * start / 100 if start > 0 else None
    return exact(span) / 5


def is_worse(
    baseline: Number,
    value: Number,
    better_is: Direction,
    span: Number,
    mic_points: Number | None = None,
    mic_percent: Number | None = None,
) -> bool | None:
    """Whether the change is a worsening; None where that is undefined.

    Exact at the threshold, as for those who improved: 4 to 6 is 2 points worse.
    """
    needed = needed_worsening(baseline, span, mic_points, mic_percent)
    if needed is None:
        return None
    return -improvement(baseline, value, better_is) >= needed


def worsened_rate(worsened: int, answered: int) -> Worsened:
    """Rate among those for whom the rule is defined: count no others as answered."""
    if not 0 <= worsened <= answered:
        raise ValueError(
            f"worsened_rate needs 0 <= worsened <= answered, got {worsened}, {answered}"
        )
    return Worsened(
        worsened=worsened,
        answered=answered,
        rate=ratio(worsened, answered),
        ci=wilson(worsened, answered) if answered else None,
    )
