"""What a change in one app does to the apps above it, said before and then done.

An app registers, in its own module `consequences`, what a named change would do to
its rows (`preview` in words, or `foresee` with each row by name) and how to do it
(`apply`, in the caller's transaction).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What a row of an effect is."""

    FOLLOW_UP = "follow_up"
    INTERVENTION = "intervention"
    GOAL = "goal"


class Change(StrEnum):
    """What happens to it."""

    ADDED = "added"
    PLANNED = "planned"
    PLANNED_AGAIN = "planned_again"
    MOVED = "moved"
    KEPT = "kept"
    WINDOW_CHANGED = "window_changed"
    WITHDRAWN = "withdrawn"
    NEVER_ASKED = "never_asked"
    LEFT_WINDOW = "left_window"
    CAME_IN_WINDOW = "came_in_window"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    TAKEN_BACK = "taken_back"
    DROPPED = "dropped"


WORDS = {
    Change.KEPT: "keeps its day",
    Change.WITHDRAWN: "withdrawn after the patient was asked",
    Change.NEVER_ASKED: "never asked, because the time for it has passed",
    Change.LEFT_WINDOW: "its answer becomes out of window",
    Change.CAME_IN_WINDOW: "its answer becomes in the window again",
    Change.TAKEN_BACK: "entered in error",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that would change, with its day before and after."""

    kind: Kind
    name: str
    change: Change
    was: date | None = None
    becomes: date | None = None
    # Where the change needs more than its own name.
    words: str = ""

    @property
    def in_words(self) -> str:
        return self.words or WORDS.get(self.change, self.change.value.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do: counted in sentences, and each row of it by name."""

    sentences: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def __add__(self, other: Self) -> "Effect":
        return Effect(self.sentences + other.sentences, self.rows + other.rows)


Preview = Callable[..., list[str]]
Foresee = Callable[..., Effect]
Apply = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Consequence:
    preview: Preview
    foresee: Foresee | None
    apply: Apply

    def effect(self, subject: Any, **details: Any) -> Effect:
        if self.foresee is not None:
            return self.foresee(subject, **details)
        return Effect(self.preview(subject, **details))


_registry: dict[str, list[Consequence]] = defaultdict(list)


def nothing_to_say(subject: Any, **_: Any) -> list[str]:
    return []


def nothing_to_do(subject: Any, **_: Any) -> None:
    pass


def register(
    change: str,
    *,
    apply: Apply = nothing_to_do,
    preview: Preview = nothing_to_say,
    foresee: Foresee | None = None,
) -> None:
    """`foresee` says and lists at once; `preview` is for what has nothing to list."""
    consequence = Consequence(preview=preview, foresee=foresee, apply=apply)
    if consequence not in _registry[change]:
        _registry[change].append(consequence)


def preview(change: str, subject: Any, **details: Any) -> list[str]:
    """What `apply` with the same arguments would do, one sentence each."""
    return foresee(change, subject, **details).sentences


def foresee(change: str, subject: Any, **details: Any) -> Effect:
    """The same, with each row that it would touch."""
    found = Effect()
    for consequence in _registry[change]:
        found += consequence.effect(subject, **details)
    return found


def apply(change: str, subject: Any, **details: Any) -> None:
    for consequence in _registry[change]:
        consequence.apply(subject, **details)
