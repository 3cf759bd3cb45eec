"""A plan's goals with how far each is, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from clinic import clock
from outcomes.dashboards.charts import text as chart_text
from outcomes.plan_pages.attainment import (
    Aim,
    Attainment,
    State,
    Value,
    attainment,
)
from plans.models import Comparison, Goal
from plans.protocols import measures

# What is measured has one decimal at most.
_TENTH = Decimal("0.1")
_TONES = {State.REACHED: "ok", State.LOST: "warn", State.MISSED: "bad"}


@dataclass(frozen=True, slots=True)
class GoalLine:
    goal: Goal
    title: str
    unit: str
    found: Attainment

    @property
    def lacks_baseline(self) -> bool:
        """An answer of 0 is a baseline too, though no share of it can be taken."""
        is_open = self.goal.status == Goal.Status.OPEN
        is_unknown = self.found.state == State.NO_BASELINE
        return is_open and is_unknown and self.found.baseline is None

    @property
    def target_words(self) -> str:
        """Such as "at most 3" or "less by 50 % (4 or less)"."""
        target = chart_text.number(self.goal.target)
        if self.goal.comparison != Comparison.LESS_BY_PERCENT:
            words = f"{self.goal.get_comparison_display()} {target}"
            return f"{words} {self.unit}".strip()
        if self.found.level is None:
            return f"less by {target} %"
        level = chart_text.number(shown_level(self.goal, self.found.level))
        return f"less by {target} % ({level} {self.unit}".strip() + " or less)"

    @property
    def state(self) -> str:
        """The word of its state with the day or the share of the way."""
        words = str(self.found.state)
        if self.goal.status == Goal.Status.DROPPED:
            return "dropped"
        if self.found.state == State.REACHED and self.found.reached_on:
            late = ", after its day" if self.found.is_late else ""
            return f"{words} on {clock.in_words(self.found.reached_on)}{late}"
        if self.found.state == State.ON_THE_WAY:
            return _way(self.found.share) or words
        return words

    @property
    def meter(self) -> int | None:
        """How much of the way is gone, for the bar; None where that says nothing."""
        if self.goal.status == Goal.Status.DROPPED or self.found.share is None:
            return None
        if self.found.state == State.REACHED:
            return 100
        return min(max(int(self.found.share * 100), 0), 99)

    @property
    def tone(self) -> str:
        if self.goal.status == Goal.Status.DROPPED:
            return ""
        return _TONES.get(self.found.state, "")

    @property
    def latest_words(self) -> str:
        latest = self.found.latest
        if latest is None:
            return ""
        value = f"{chart_text.number(latest.value)} {self.unit}".strip()
        return f"{value} on {clock.in_words(latest.on)}"

    @property
    def baseline_words(self) -> str:
        baseline = self.found.baseline
        return "" if baseline is None else chart_text.number(baseline.value)


def lines(
    goals: Sequence[Goal],
    values: Mapping[str, Sequence[Value]],
    *,
    begun_on: date,
    today: date,
) -> list[GoalLine]:
    """The open ones first, each kind by the day it is due."""
    ordered = sorted(goals, key=lambda each: (each.status != "open", each.due_on))
    return [_line(each, values, begun_on, today) for each in ordered]


def _line(
    goal: Goal, values: Mapping[str, Sequence[Value]], begun_on: date, today: date
) -> GoalLine:
    known = measures.known().get(goal.measure)
    return GoalLine(
        goal=goal,
        title=known.name if known else goal.measure,
        unit=known.unit if known else "",
        found=attainment(
            Aim(goal.comparison, goal.target, goal.due_on),
            values.get(goal.measure, ()),
            begun_on=begun_on,
            today=today,
        ),
    )


def levels(lines: Sequence[GoalLine]) -> dict[str, Decimal]:
    """The value to reach by measure, of goals that are still aimed at."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.goal.status == Goal.Status.OPEN and line.found.level is not None:
            level = shown_level(line.goal, line.found.level)
            found.setdefault(line.goal.measure, level)
    return found


def shown_level(goal: Goal, level: Decimal) -> Decimal:
    """What a share of the baseline comes to, as it can be measured.

    Down to the tenth: what is measured to the tenth meets both or neither.
    """
    if goal.comparison != Comparison.LESS_BY_PERCENT:
        return level
    return level.quantize(_TENTH, rounding=ROUND_FLOOR)


def _way(share: Decimal | None) -> str:
    if share is None:
        return ""
    if share < 0:
        return "further away than at the start"
    percent = min(int(share * 100), 99)
    return f"on the way, {percent} % of it" if percent else "not moved yet"
