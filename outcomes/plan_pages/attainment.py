"""How far a goal is: from a target and dated values to what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plans.course import exposure

AT_MOST, AT_LEAST, LESS_BY_PERCENT = "at_most", "at_least", "less_by_percent"


class State(StrEnum):
    NOT_MEASURED = "not measured yet"
    # A percentage of a baseline that nobody has, or that is nothing.
    NO_BASELINE = "no baseline to compare with"
    ON_THE_WAY = "on the way"
    REACHED = "reached"
    LOST = "reached, but lost again"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Aim:
    comparison: str
    target: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Value:
    on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Attainment:
    """`level` is the value that counts as reached; `share` of the way to it.

    The share is below 0 where it is further away than at the start, and None where
    there is no start to count from.
    """

    state: State
    level: Decimal | None = None
    baseline: Value | None = None
    latest: Value | None = None
    share: Decimal | None = None
    reached_on: date | None = None
    is_late: bool = False


def attainment(
    aim: Aim, values: Sequence[Value], *, begun_on: date, today: date
) -> Attainment:
    """Values in time order. The baseline is the last one in the 30 days up to day 0.

    Without a baseline the first value is what the way is counted from. What was
    measured before it began can never reach the goal.
    """
    since = [each for each in values if each.on > begun_on]
    baseline = baseline_of(values, begun_on)
    level = level_of(aim, baseline)
    if level is None:
        return Attainment(State.NO_BASELINE, baseline=baseline, latest=_last(values))
    if not since:
        return Attainment(State.NOT_MEASURED, level, baseline, _last(values))
    return _judged(aim, level, baseline, since, today)


def baseline_of(values: Sequence[Value], begun_on: date) -> Value | None:
    return _last([each for each in values if exposure.is_baseline(each.on, begun_on)])


def level_of(aim: Aim, baseline: Value | None) -> Decimal | None:
    if aim.comparison != LESS_BY_PERCENT:
        return aim.target
    if baseline is None or baseline.value == 0:
        return None
    return baseline.value * (1 - aim.target / 100)


def is_met(aim: Aim, level: Decimal, value: Decimal) -> bool:
    return value >= level if aim.comparison == AT_LEAST else value <= level


def _judged(
    aim: Aim,
    level: Decimal,
    baseline: Value | None,
    since: Sequence[Value],
    today: date,
) -> Attainment:
    latest = since[-1]
    met = [each.on for each in since if is_met(aim, level, each.value)]
    reached_on = met[0] if met else None
    return Attainment(
        state=_state(aim, is_met(aim, level, latest.value), reached_on, today),
        level=level,
        baseline=baseline,
        latest=latest,
        share=_share(level, baseline or since[0], latest),
        reached_on=reached_on,
        is_late=reached_on is not None and reached_on > aim.due_on,
    )


def _state(aim: Aim, is_met_now: bool, reached_on: date | None, today: date) -> State:
    if is_met_now:
        return State.REACHED
    if reached_on is not None:
        return State.LOST
    return State.MISSED if today > aim.due_on else State.ON_THE_WAY


def _share(level: Decimal, start: Value, latest: Value) -> Decimal | None:
    way = level - start.value
    if not way or start is latest:
        return None
    return (latest.value - start.value) / way


def _last(values: Sequence[Value]) -> Value | None:
    return values[-1] if values else None
