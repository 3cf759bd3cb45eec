"""What is different between two versions of a protocol, in words."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plans.protocols import documents, measures
from plans.protocols.definition import (
    GoalDefinition,
    ProtocolDefinition,
    RungDefinition,
)

ADDED, REMOVED = "added", "removed"
NOTHING = "–"  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: a part of the protocol, a field of it, before, after."""

    section: str
    what: str
    field: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        if self.field in (ADDED, REMOVED):
            return f"{self.what} is {self.field}."
        return f"{self.what}, {self.field}: {self.before} becomes {self.after}."


LABELS = {
    "offset_days": "day",
    "open_day": "window opens on day",
    "close_day": "window closes on day",
    "ask_day": "asked on day",
    "every_days": "days between repeats",
    "is_index": "is day 0",
    "is_baseline": "is the baseline",
    "is_safety": "is a safety check",
    "by_day": "by day",
    "after_days": "after days",
    "optional_measures": "also asked if wanted",
    "measures": "asked for",
    "sources": "sources",
    "anchor": "day 0",
}
HEAD = ("title", "modality", "condition", "summary", "anchor", "sources")


def differences(old: ProtocolDefinition, new: ProtocolDefinition) -> list[Difference]:
    """In the order of a protocol: the head, steps, time points, goals, reminders."""
    return [
        *_fields("protocol", "The protocol", old, new, HEAD),
        *_rows("steps", old.steps, new.steps, _key, lambda row: row.title),
        *_order(old, new),
        *_rows(
            "timepoints", old.timepoints, new.timepoints, _key, lambda row: row.label
        ),
        *_rows("goals", _numbered(old.goals), _numbered(new.goals), _goal, _aim),
        *_rows("rungs", _rungs(old), _rungs(new), _goal, _reminder),
    ]


def _key(row: Any) -> str:
    return row.key


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A row without a key of its own: what it is about, and the how manyeth."""

    about: tuple[Any, ...]
    row: Any


def _goal(row: _Numbered) -> tuple[Any, ...]:
    return row.about


def _numbered(goals: Iterable[GoalDefinition]) -> list[_Numbered]:
    return _counted(((goal.measure,), goal) for goal in goals)


def _rungs(protocol: ProtocolDefinition) -> list[_Numbered]:
    return _counted(((rung.is_safety,), rung) for rung in protocol.rungs)


def _counted(pairs: Iterable[tuple[tuple[Any, ...], Any]]) -> list[_Numbered]:
    seen: dict[tuple[Any, ...], int] = {}
    found = []
    for about, row in pairs:
        seen[about] = seen.get(about, 0) + 1
        found.append(_Numbered((*about, seen[about]), row))
    return found


def _aim(numbered: _Numbered) -> str:
    goal: GoalDefinition = numbered.row
    known = measures.vocabulary().get(goal.measure)
    return f"Goal {known.name if known else goal.measure}"


def _reminder(numbered: _Numbered) -> str:
    rung: RungDefinition = numbered.row
    ladder = "Safety reminder" if rung.is_safety else "Reminder"
    return f"{ladder} {numbered.about[-1]}"


def _rows(
    section: str,
    old: Iterable[Any],
    new: Iterable[Any],
    key: Callable[[Any], Any],
    name: Callable[[Any], str],
) -> Iterator[Difference]:
    before = {key(row): row for row in old}
    after = {key(row): row for row in new}
    for one, row in before.items():
        if one not in after:
            yield Difference(section, name(row), REMOVED, _summary(row), NOTHING)
    for one, row in after.items():
        if one not in before:
            yield Difference(section, name(row), ADDED, NOTHING, _summary(row))
        else:
            was, now = _bare(before[one]), _bare(row)
            names = [field.name for field in dataclasses.fields(now)]
            yield from _fields(section, name(row), was, now, names)


def _order(old: ProtocolDefinition, new: ProtocolDefinition) -> Iterator[Difference]:
    """Steps are shown and planned in their order; a mere move is a change too."""
    keys = {step.key for step in old.steps} & {step.key for step in new.steps}
    was = [step.title for step in old.steps if step.key in keys]
    now_keys = [step.key for step in new.steps if step.key in keys]
    if [step.key for step in old.steps if step.key in keys] != now_keys:
        titles = {step.key: step.title for step in new.steps}
        now = [titles[key] for key in now_keys]
        words = ("steps", "The steps", "order", "; ".join(was), "; ".join(now))
        yield Difference(*words)


def _fields(
    section: str, what: str, old: Any, new: Any, names: Iterable[str]
) -> Iterator[Difference]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            label = LABELS.get(name, name.replace("_", " "))
            yield Difference(section, what, label, in_words(before), in_words(after))


def _bare(row: Any) -> Any:
    return row.row if isinstance(row, _Numbered) else row


def _summary(row: Any) -> str:
    """The fields of a row that say something, for one that came or went."""
    told = []
    for field in dataclasses.fields(_bare(row)):
        value = getattr(_bare(row), field.name)
        if field.name != "key" and value not in ("", (), None, False):
            label = LABELS.get(field.name, field.name.replace("_", " "))
            told.append(f"{label} {in_words(value)}")
    return ", ".join(told)


def in_words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return documents.amount_in_words(value)
        case tuple():
            return ", ".join(value) or NOTHING
        case "":
            return NOTHING
    text = str(value)
    return text.replace("_", " ") if documents.KEY.fullmatch(text) else text
