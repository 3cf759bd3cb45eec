"""Regression to the mean: how far scores fall although nothing was done.

Who is measured because the pain is high is measured on a bad day; on the next day
the same person scores nearer to the usual. The size follows from the spread, from
the entry that was asked for, and from how well two measurements agree.
"""

import math
from dataclasses import dataclass

from outcomes.dashboards.statistics.values import (
    Direction,
    Number,
    lower_is_better,
)

# An MDC at 95 % is the SEM times 1.96 and, as two scores err, the root of 2.
_MDC_OF_SEM = 1.96 * math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Test-retest correlation r, 0 to 1; where it is None, `why_not` says why."""

    r: float | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a group is expected to improve by although nothing works, in points.

    baseline is the mean of those who enter; lower_by is positive for an improvement,
    whichever way the measure runs. None, with a reason, where it cannot be told.
    """

    baseline: float | None
    improvement: float | None
    why_not: str = ""


def agreement(mdc_points: Number | None, sd: float | None) -> Agreement:
    """From a published detectable change: SEM = MDC/(1.96 sqrt 2), r = 1 - SEM2/SD2."""
    if mdc_points is None:
        return Agreement(None, "no detectable change is published for this measure")
    if sd is None or sd <= 0:
        return Agreement(None, "the baselines have no spread")
    error = float(mdc_points) / _MDC_OF_SEM
    r = 1 - (error / sd) ** 2
    if r < 0:
        return Agreement(
            None,
            "the published error of measurement is wider than the spread of the "
            "baselines here",
        )
    return Agreement(r)


def expected_with_cut(
    mean: float, sd: float, r: float, cut: Number, better_is: Direction
) -> Expected:
    """Of all people with this mean and SD, those at or beyond the cut enter.

    Beyond is above where lower is better and below where higher is. With
    a = (cut - mean) / SD and lambda = phi(a) / (1 - Phi(a)), they start at
    mean + SD lambda and are expected to come back by (1 - r) SD lambda.
    Scores are taken as normal; mean and SD are those of all, not of who entered.
    """
    _check(sd, r)
    is_above = lower_is_better(better_is)
    a = (float(cut) - mean) / sd * (1 if is_above else -1)
    # Not 1 - Phi(a), which has no digits left where few people enter.
    share = math.erfc(a / math.sqrt(2)) / 2
    if share <= 0:
        return Expected(None, None, "nobody is expected beyond so far a cut")
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    distance = sd * density / share
    return Expected(
        baseline=mean + distance if is_above else mean - distance,
        improvement=(1 - r) * distance,
    )


def expected_without_cut(
    entered_mean: float, usual_mean: float | None, r: float, better_is: Direction
) -> Expected:
    """Of a group whose usual level is known: (1 - r) of its distance from there.

    Without an entry cut nothing in the baselines themselves tells how far they are
    from usual; a group that is worse than usual comes back by that share.
    """
    _check(1.0, r)
    if usual_mean is None:
        return Expected(
            entered_mean,
            None,
            "without an entry score the usual level of these people is not known",
        )
    distance = entered_mean - usual_mean
    worse = distance if lower_is_better(better_is) else -distance
    return Expected(entered_mean, (1 - r) * worse)


def _check(sd: float, r: float) -> None:
    if not sd > 0 or not 0 <= r <= 1:
        raise ValueError(f"needs sd > 0 and 0 <= r <= 1, got {sd}, {r}")
