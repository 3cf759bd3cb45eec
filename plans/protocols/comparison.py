"""What is different between two versions of a protocol, in words."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plans.protocols import choices, documents, measures
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
    "yearly_until": "asked every year until year (0: not at all)",
}
HEAD = (
    *("title", "modality", "condition", "summary", "anchor", "sources"),
    "yearly_until",
)
RESCUE_LABEL = "days before the window closes"


def differences(old: ProtocolDefinition, new: ProtocolDefinition) -> list[Difference]:
    """In the order of a protocol: the head, steps, time points, goals, reminders."""
    titles = {step.key: step.title for step in (*old.steps, *new.steps)}
    rows = functools.partial(_rows, titles=titles)
    was, now = old.timepoints, new.timepoints
    return [
        *_fields("protocol", "The protocol", old, new, HEAD, titles),
        *rows("steps", old.steps, new.steps, _key, lambda row: row.title),
        *_order(old, new),
        *rows("timepoints", was, now, _key, lambda row: row.label),
        *rows("goals", _numbered(old.goals), _numbered(new.goals), _goal, _aim),
        *rows("rungs", _rungs(old), _rungs(new), _goal, _reminder),
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
    titles: Mapping[str, str],
) -> Iterator[Difference]:
    before = {key(row): row for row in old}
    after = {key(row): row for row in new}
    for one, row in before.items():
        if one not in after:
            told = _summary(section, row, titles)
            yield Difference(section, name(row), REMOVED, told, NOTHING)
    for one, row in after.items():
        if one not in before:
            told = _summary(section, row, titles)
            yield Difference(section, name(row), ADDED, NOTHING, told)
        else:
            was, now = _bare(before[one]), _bare(row)
            names = [field.name for field in dataclasses.fields(now)]
            yield from _fields(section, name(row), was, now, names, titles)


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
    section: str,
    what: str,
    old: Any,
    new: Any,
    names: Iterable[str],
    titles: Mapping[str, str],
) -> Iterator[Difference]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if not _is_same(before, after):
            said = [_said(section, name, value, titles) for value in (before, after)]
            yield Difference(section, what, _label(name, new), *said)


def _is_same(before: Any, after: Any) -> bool:
    """The order in which measures and sources are named says nothing."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        return set(before) == set(after)
    return bool(before == after)


def _label(name: str, row: Any) -> str:
    if name == "after_days" and row.channel == "rescue":
        return RESCUE_LABEL
    return LABELS.get(name, name.replace("_", " "))


def _bare(row: Any) -> Any:
    return row.row if isinstance(row, _Numbered) else row


def _summary(section: str, row: Any, titles: Mapping[str, str]) -> str:
    """The fields of a row that say something, for one that came or went."""
    told = []
    bare = _bare(row)
    for field in dataclasses.fields(bare):
        value = getattr(bare, field.name)
        if field.name != "key" and value not in ("", (), None, False):
            said = _said(section, field.name, value, titles)
            told.append(f"{_label(field.name, bare)} {said}")
    return ", ".join(told)


def _said(section: str, name: str, value: Any, titles: Mapping[str, str]) -> str:
    """A choice in its words, a step by its title, all else as it stands."""
    known = titles if name == "after" else dict(choices.of(section, name))
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return documents.amount_in_words(value)
        case tuple():
            return ", ".join(known.get(key, key) for key in value) or NOTHING
        case "":
            return NOTHING
    return known.get(value) or str(value)
