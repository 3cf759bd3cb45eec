"""What a new version means for a plan's open goals: pure, before it is done.

A goal that reads as the old version says follows the new one. One that was adjusted
for this patient stays as it is; if only its day is still the protocol's, that day
goes on counting from day 0.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.consequences import Change, Effect, Kind, Row
from plans.course import goals
from plans.models import Goal, Plan, ProtocolGoal

Aim = tuple[str, str, Decimal, int, str]
Pair = tuple[ProtocolGoal, ProtocolGoal | None]


@dataclass(slots=True)
class GoalChanges:
    """`changed` has what each goal reads then; those that only move are among them."""

    added: list[Goal] = field(default_factory=list)
    changed: list[tuple[Goal, dict[str, Any]]] = field(default_factory=list)
    dropped: list[Goal] = field(default_factory=list)
    # Their day has passed, so that nobody could reach them.
    too_late: list[Goal] = field(default_factory=list)

    def effect(self) -> Effect:
        rows = [
            *(_row(goal, Change.ADDED, becomes=goal.due_on) for goal in self.added),
            *(
                _row(goal, _change(goal, columns), goal.due_on, columns["due_on"])
                for goal, columns in self.changed
            ),
            *(_row(goal, Change.DROPPED, goal.due_on) for goal in self.dropped),
        ]
        return Effect(list(self.in_words()), rows)

    def in_words(self) -> Iterator[str]:
        for goal in self.added:
            yield f"goal {_by(goal)} is added"
        for goal, columns in self.changed:
            yield from _changed(goal, columns)
        for goal in self.dropped:
            yield f"goal {goals.in_words(goal)} is dropped"
        for goal in self.too_late:
            day = clock.in_words(goal.due_on)
            yield f"goal {goals.in_words(goal)} is not added: {day} has passed"


def changes(
    plan: Plan,
    standing: Sequence[Goal],
    old: Sequence[ProtocolGoal],
    new: Sequence[ProtocolGoal],
    *,
    was: date | None,
    now: date | None,
    today: date,
) -> GoalChanges:
    """`standing` are the open ones; `was` and `now` are day 0 before and after."""
    found = GoalChanges()
    if was is None or now is None:
        return found
    pairs = _pairs(old, new)
    becomes = {aim.pk: after for aim, after in pairs}
    for goal, aim in goals.on_protocol_day(standing, old, was):
        after = becomes[aim.pk] if _reads_as(goal, aim) else aim
        if after is None:
            found.dropped.append(goal)
            continue
        columns = _columns(after, now)
        if not _reads_as(goal, aim):
            columns = _columns_of(goal) | {"due_on": columns["due_on"]}
        if columns != _columns_of(goal):
            found.changed.append((goal, columns))
    _add(found, plan, standing, _fresh(pairs, new), now, today)
    return found


def _pairs(old: Iterable[ProtocolGoal], new: Iterable[ProtocolGoal]) -> list[Pair]:
    """Each with what it is in the new version; None where that has it no more.

    Goals have no key: what reads the same is the same, and of what is left the first
    about a measure belongs to the first.
    """
    left, pairs, unpaired = list(new), [], []
    for aim in old:
        same = next((one for one in left if aim_of(one) == aim_of(aim)), None)
        if same is None:
            unpaired.append(aim)
        else:
            left.remove(same)
            pairs.append((aim, same))
    return pairs + [(aim, _take(left, aim.measure)) for aim in unpaired]


def _take(left: list[ProtocolGoal], measure: str) -> ProtocolGoal | None:
    first = next((one for one in left if one.measure == measure), None)
    if first is not None:
        left.remove(first)
    return first


def _fresh(pairs: Iterable[Pair], new: Iterable[ProtocolGoal]) -> list[ProtocolGoal]:
    known = {after.pk for _, after in pairs if after is not None}
    return [aim for aim in new if aim.pk not in known]


def _add(
    found: GoalChanges,
    plan: Plan,
    standing: Iterable[Goal],
    fresh: Iterable[ProtocolGoal],
    now: date,
    today: date,
) -> None:
    """What is aimed at already, because somebody set it for this patient, is not."""
    there = [_sense(_columns_of(goal)) for goal in standing]
    for aim in fresh:
        if _sense(_columns(aim, now)) in there:
            continue
        goal = goals.of_aim(plan, aim, now)
        listed = found.added if goal.due_on >= today else found.too_late
        listed.append(goal)


def aim_of(aim: ProtocolGoal) -> Aim:
    """What it says; two versions of it have nothing else in common."""
    return (aim.measure, aim.comparison, aim.target, aim.by_day, aim.words)


def _reads_as(goal: Goal, aim: ProtocolGoal) -> bool:
    return (goal.target, goal.words) == (aim.target, aim.words)


def _columns(aim: ProtocolGoal, day_0: date) -> dict[str, Any]:
    due_on = goals.due_of(aim, day_0)
    return {name: getattr(aim, name) for name in _SAID} | {"due_on": due_on}


def _columns_of(goal: Goal) -> dict[str, Any]:
    return {name: getattr(goal, name) for name in (*_SAID, "due_on")}


_SAID = ("measure", "comparison", "target", "words")


def _sense(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != "words"}


def _change(goal: Goal, columns: dict[str, Any]) -> Change:
    is_same = all(getattr(goal, name) == columns[name] for name in _SAID)
    return Change.MOVED if is_same else Change.CHANGED


def _changed(goal: Goal, columns: dict[str, Any]) -> Iterator[str]:
    name, becomes = goals.in_words(goal), goals.in_words(_as(goal, columns))
    days = [clock.in_words(day) for day in (goal.due_on, columns["due_on"])]
    if name != becomes:
        yield f"goal {name} becomes {becomes}"
    if days[0] != days[1]:
        yield f"goal {becomes} moves from {days[0]} to {days[1]}"
    if goal.words != columns["words"]:
        yield f"goal {becomes} is worded “{columns['words']}”"


def _as(goal: Goal, columns: dict[str, Any]) -> Goal:
    return Goal(plan_id=goal.plan_id, **columns)


def _by(goal: Goal) -> str:
    return f"{goals.in_words(goal)} by {clock.in_words(goal.due_on)}"


def _row(
    goal: Goal, change: Change, was: date | None = None, becomes: date | None = None
) -> Row:
    return Row(Kind.GOAL, goals.in_words(goal), change, was, becomes)
