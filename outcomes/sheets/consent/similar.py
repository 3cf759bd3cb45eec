"""Who is "like you": narrowed as far as enough people have answered. Pure.

Benefits and harms are counted by one rule each; a person counts once, with their newest
course, however many they had.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from outcomes.dashboards import statistics
from outcomes.dashboards.charts.parts import Part

# Fewer answers say next to nothing, and could show single people.
LEAST = statistics.SMALLEST_SHOWN_CELL


class Likeness(StrEnum):
    """The narrowest first: each drops what the one before still asked for."""

    SOURCE = "source"
    DIAGNOSIS = "diagnosis"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes people alike; empty where it is not known of this one."""

    treatment: str
    diagnosis: str
    source: str

    def asks_for(self, likeness: Likeness) -> bool:
        """Nobody is like someone in what is not known of them."""
        if likeness == Likeness.TREATMENT:
            return bool(self.treatment)
        if likeness == Likeness.DIAGNOSIS:
            return bool(self.treatment and self.diagnosis)
        return bool(self.treatment and self.diagnosis and self.source)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One course of a person; `improved` is None where nothing was answered."""

    person: UUID
    kind: Kind
    improved: bool | None
    worse: bool | None

    @property
    def part(self) -> Part:
        if self.improved is None:
            return Part.UNANSWERED
        if self.improved:
            return Part.IMPROVED
        return Part.WORSENED if self.worse else Part.UNCHANGED


@dataclass(frozen=True, slots=True)
class Group:
    likeness: Likeness
    counts: Mapping[Part, int]

    @property
    def answered(self) -> int:
        return self.asked - self.counts[Part.UNANSWERED]

    @property
    def asked(self) -> int:
        return sum(self.counts.values())

    @property
    def improved(self) -> int:
        return self.counts[Part.IMPROVED]

    @property
    def is_enough(self) -> bool:
        return self.answered >= LEAST

    @property
    def responders(self) -> statistics.Responders:
        return statistics.responder_rate(self.improved, self.answered, self.asked)


def groups(kind: Kind, outcomes: Iterable[Outcome]) -> list[Group]:
    """The narrowest first; outcomes come in the order of their courses' beginning."""
    newest = list({each.person: each for each in outcomes}.values())
    return [
        Group(likeness, _counts(newest, _alike(kind, likeness)))
        for likeness in Likeness
        if kind.asks_for(likeness)
    ]


def chosen(found: Sequence[Group]) -> Group | None:
    """The narrowest that has enough; None where even the widest has too few."""
    return next((group for group in found if group.is_enough), None)


def _alike(kind: Kind, likeness: Likeness) -> Callable[[Kind], bool]:
    def alike(other: Kind) -> bool:
        if other.treatment != kind.treatment:
            return False
        if likeness == Likeness.TREATMENT:
            return True
        is_same = other.diagnosis == kind.diagnosis
        if likeness == Likeness.DIAGNOSIS:
            return is_same
        return is_same and other.source == kind.source

    return alike


def _counts(
    outcomes: Iterable[Outcome], alike: Callable[[Kind], bool]
) -> dict[Part, int]:
    found = dict.fromkeys(Part, 0)
    for each in outcomes:
        if alike(each.kind):
            found[each.part] += 1
    return found
