"""What a value means against its baseline: the change and each rule. Pure.

Judged on exact numbers and kept: a measure has few values, so a clinic's million
answers are some thousand pairs.
"""

import functools
import math
from decimal import Decimal
from typing import NamedTuple

from outcomes.dashboards import statistics
from outcomes.dashboards.statistics import Direction
from outcomes.models import Measure, OutcomeFact

Severity = OutcomeFact.Severity


class Scale(NamedTuple):
    """Of a measure what the rules need; `mic` is in points, else in percent."""

    minimum: Decimal
    maximum: Decimal
    direction: Direction
    mic_points: Decimal | None
    mic_percent: Decimal | None


class Judged(NamedTuple):
    change: float | None = None
    change_step: int | None = None
    pct30: bool | None = None
    pct50: bool | None = None
    points2: bool | None = None
    mic: bool | None = None
    both: bool | None = None
    worse: bool | None = None


NOT_JUDGED = Judged()


def scale_of(measure: Measure) -> Scale:
    return Scale(
        measure.minimum,
        measure.maximum,
        measure.direction,
        measure.mic_points,
        measure.mic_percent,
    )


@functools.lru_cache(maxsize=100_000)
def judged(scale: Scale, baseline: Decimal, value: Decimal) -> Judged:
    change = value - baseline
    better = -change if scale.direction == "lower" else change
    mic = (scale.mic_points, scale.mic_percent)
    flags = {
        key: statistics.is_responder(rule, baseline, value, scale.direction, *mic)
        for key, rule in statistics.RULES.items()
    }
    span = scale.maximum - scale.minimum
    return Judged(
        change=float(change),
        # Towards no change: a step holds who improved by it and by less than the next.
        change_step=int(better / width_of(scale)),
        worse=statistics.is_worse(baseline, value, scale.direction, span, *mic),
        **flags,
    )


def width_of(scale: Scale) -> Decimal:
    """Of one step of change, in points of the measure."""
    width = statistics.step_width(float(scale.minimum), float(scale.maximum))
    return Decimal(str(width))


@functools.lru_cache(maxsize=10_000)
def severity(scale: Scale, baseline: Decimal) -> str:
    """The third of the scale that a baseline lies in; of 0 to 10: 0-3, 4-6, 7-10."""
    share = (baseline - scale.minimum) / (scale.maximum - scale.minimum)
    badness = share if scale.direction == "lower" else 1 - share
    third = math.floor(badness * 3)
    return (Severity.MILD, Severity.MODERATE, Severity.SEVERE)[min(max(third, 0), 2)]


def severe_from(scale: Scale) -> float:
    """The baseline at which the worst third of the scale begins."""
    span = float(scale.maximum - scale.minimum)
    low, high = float(scale.minimum), float(scale.maximum)
    return low + span * 2 / 3 if scale.direction == "lower" else high - span * 2 / 3
