"""Minimal important change, found from what patients themselves call a change.

The anchor is the shipped question on global change, 1 "Very much better" to 7 "Very
much worse". Its step 3, "A little better", is the smallest improvement that patients
name (IMMPACT2008 calls the three better steps minimal, moderate and substantial);
step 4, "About the same", is who did not change. Two estimates stand side by side:

- mean change: how far those improved on average who said "a little better"
  (Jaeschke 1989, recalled);
- ROC: the change that best tells "a little better" from "about the same", by
  Youden's index (sensitivity + specificity - 1). It is a value that occurs: who
  changed by as much or more counts as improved, as in all our responder rules. Of
  equally good ones the smallest is taken.

Only the two neighbouring steps enter the ROC, so that people who are much better do
not move what is meant to be minimal. Amounts are points of improvement: positive is
better, whichever way the measure runs.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from outcomes.dashboards.statistics.correlation import spearman
from outcomes.dashboards.statistics.distribution import quantiles
from outcomes.dashboards.statistics.values import LEVEL, Interval

A_LITTLE_BETTER = 3
ABOUT_THE_SAME = 4
# Our choice, for no source states one: with fewer in a group the interval of the
# ROC estimate soon covers most of the scale.
SMALLEST_GROUP = 30
# Under it the question and the measure hardly speak of the same thing: 0.30 to 0.35
# is what Revicki 2008 (doi:10.1016/j.jclinepi.2007.03.012) asks for (recalled).
WEAK_CORRELATION = 0.3
RESAMPLES = 1000
# Of very large groups fewer resamples do, and a night is not endless.
_MOST_DRAWS = 20_000_000
_FEWEST_RESAMPLES = 200

TOO_FEW = "too few"
ALL_ALIKE = "all alike"


@dataclass(frozen=True, slots=True)
class Anchored:
    """One person's answer to the anchor, 1 to 7, and points of improvement."""

    anchor: int
    improvement: float


@dataclass(frozen=True, slots=True)
class Estimate:
    points: float
    ci: Interval


@dataclass(frozen=True, slots=True)
class Roc:
    """The best cut; None as an estimate where no cut tells the groups apart."""

    estimate: Estimate
    sensitivity: float
    specificity: float


@dataclass(frozen=True, slots=True)
class Group:
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Mic:
    """Both estimates, or `why_not`: TOO_FEW, or ALL_ALIKE where nobody changed.

    roc alone is None where the two groups changed alike. correlation is over all
    seven steps, positive where who says better also improved.
    """

    n: int
    better: Group
    same: Group
    correlation: float | None
    mean_change: Estimate | None = None
    roc: Roc | None = None
    why_not: str = ""

    @property
    def is_anchor_weak(self) -> bool:
        return self.correlation is None or self.correlation < WEAK_CORRELATION


def mic(
    people: Sequence[Anchored],
    *,
    smallest_group: int = SMALLEST_GROUP,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Mic:
    """Both estimates with percentile bootstrap intervals, the same for a seed."""
    better = [p.improvement for p in people if p.anchor == A_LITTLE_BETTER]
    same = [p.improvement for p in people if p.anchor == ABOUT_THE_SAME]
    kept = Mic(
        n=len(people),
        better=_group(better),
        same=_group(same),
        correlation=spearman(
            [-p.anchor for p in people], [p.improvement for p in people]
        ),
    )
    if min(len(better), len(same)) < max(smallest_group, 1):
        return _without(kept, TOO_FEW)
    if len({*better, *same}) == 1:
        return _without(kept, ALL_ALIKE)
    # Any seed will do, and the same one gives the same interval again.
    return _estimated(kept, better, same, resamples, Random(seed))  # noqa: S311


def _without(kept: Mic, why_not: str) -> Mic:
    return Mic(kept.n, kept.better, kept.same, kept.correlation, why_not=why_not)


def _group(values: Sequence[float]) -> Group:
    return Group(len(values), math.fsum(values) / len(values) if values else None)


def _estimated(
    kept: Mic,
    better: Sequence[float],
    same: Sequence[float],
    resamples: int,
    rng: Random,
) -> Mic:
    affordable = resamples_of(len(better) + len(same), resamples)
    drawn = _resampled(better, same, affordable, rng)
    cut = best_cut(Counter(better), Counter(same))
    mean = kept.better.mean
    return Mic(
        n=kept.n,
        better=kept.better,
        same=kept.same,
        correlation=kept.correlation,
        mean_change=None
        if mean is None
        else Estimate(mean, _interval([each for each, _ in drawn])),
        roc=Roc(
            Estimate(cut.at, _interval([each for _, each in drawn])),
            cut.sensitivity,
            cut.specificity,
        )
        if cut.youden > 0
        else None,
    )


def resamples_of(n: int, wanted: int = RESAMPLES) -> int:
    """How often groups of n people together are drawn anew."""
    return min(wanted, max(_MOST_DRAWS // n, _FEWEST_RESAMPLES))


def _resampled(
    better: Sequence[float], same: Sequence[float], resamples: int, rng: Random
) -> list[tuple[float, float]]:
    """Mean change and best cut of groups drawn with replacement, each of its size."""
    found = []
    for _ in range(resamples):
        drawn = rng.choices(better, k=len(better))
        others = rng.choices(same, k=len(same))
        cut = best_cut(Counter(drawn), Counter(others))
        found.append((sum(drawn) / len(drawn), cut.at))
    return found


def _interval(estimates: Sequence[float]) -> Interval:
    tail = (1 - LEVEL) / 2
    found = quantiles(Counter(estimates).items(), [tail, 1 - tail])
    if found is None:
        raise ValueError("an interval needs at least one resample")
    low, high = found
    return low, high


@dataclass(frozen=True, slots=True)
class Cut:
    """Who improved by `at` points or more counts as improved."""

    at: float
    sensitivity: float
    specificity: float

    @property
    def youden(self) -> float:
        return self.sensitivity + self.specificity - 1


def best_cut(better: Counter[float], same: Counter[float]) -> Cut:
    """The cut with the largest Youden index; neither group may be empty."""
    n_better, n_same = better.total(), same.total()
    if not n_better or not n_same:
        raise ValueError("a cut needs people in both groups")
    best, most = (0.0, 0, 0), -1
    hits, false_alarms = 0, 0
    # From the largest change down, and on equal terms the smaller cut. In whole
    # numbers, so that equal is equal.
    for at in sorted({*better, *same}, reverse=True):
        hits += better[at]
        false_alarms += same[at]
        youden = hits * n_same - false_alarms * n_better
        if youden >= most:
            best, most = (at, hits, false_alarms), youden
    at, hits, false_alarms = best
    return Cut(at, hits / n_better, 1 - false_alarms / n_same)
