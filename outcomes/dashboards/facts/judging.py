"""What a value means against its baseline: the change and each rule. Pure.

Judged on exact numbers and kept: a measure has few values, so a clinic's million
answers are some thousand pairs.
"""

import functools
import math
from decimal import Decimal
from typing import NamedTuple

from outcomes.dashboards import statistics
from outcomes.dashboards.facts import change_steps
from outcomes.dashboards.statistics import Direction
from outcomes.models import Measure, OutcomeFact

Severity = OutcomeFact.Severity
_WORSE_SHARE = Decimal("0.2")


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
    mic = (scale.mic_points, scale.mic_percent)
    flags = {
        key: statistics.is_responder(rule, baseline, value, scale.direction, *mic)
        for key, rule in statistics.RULES.items()
    }
    return Judged(
        change=float(change),
        change_step=change_steps.step_of(change, width_of(scale)),
        worse=_is_worse(scale, baseline, value),
        **flags,
    )


def width_of(scale: Scale) -> Decimal:
    return change_steps.width(scale.minimum, scale.maximum)


def _is_worse(scale: Scale, baseline: Decimal, value: Decimal) -> bool:
    """By the measure's important change the wrong way.

    Where that is not known, by a fifth of the scale: 2 of 10, as facts from trials
    report worsening.
    """
    points = scale.mic_points
    if points is None and scale.mic_percent is not None and baseline > 0:
        points = baseline * scale.mic_percent / 100
    if points is None:
        points = (scale.maximum - scale.minimum) * _WORSE_SHARE
    rise = value - baseline
    return (rise if scale.direction == "lower" else -rise) >= points


@functools.lru_cache(maxsize=10_000)
def severity(scale: Scale, baseline: Decimal) -> str:
    """The third of the scale that a baseline lies in; of 0 to 10: 0-3, 4-6, 7-10."""
    share = (baseline - scale.minimum) / (scale.maximum - scale.minimum)
    badness = share if scale.direction == "lower" else 1 - share
    third = math.floor(badness * 3)
    return (Severity.MILD, Severity.MODERATE, Severity.SEVERE)[min(max(third, 0), 2)]
