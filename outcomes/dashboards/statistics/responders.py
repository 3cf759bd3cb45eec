"""When a person counts as improved, and the rate of those who do."""

from dataclasses import dataclass
from decimal import Decimal

from outcomes.dashboards.statistics.intervals import wilson
from outcomes.dashboards.statistics.values import (
    Direction,
    Interval,
    Number,
    exact,
    improvement,
    lower_is_better,
    ratio,
)


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
    start = exact(baseline)
    if percents and start <= 0:
        return None
    shares = [exact(percent) * start / 100 for percent in percents]
    return max(shares + [exact(point) for point in points])


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
    return improvement(baseline, value, better_is) >= needed


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
    start = exact(baseline)
    return float(start - needed if lower_is_better(better_is) else start + needed)


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
        rate=ratio(improved, answered),
        ci=wilson(improved, answered) if answered else None,
        if_missing_failed=ratio(improved, eligible),
        if_missing_succeeded=ratio(improved + eligible - answered, eligible),
        capture=ratio(answered, eligible),
    )
