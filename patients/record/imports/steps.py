"""One row or resource of a file at a time, and what became of them, counted."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from patients.record.imports.refusals import Problem, RefusedRowError

PATIENTS, DIAGNOSES, PASSED_OVER = "patients", "diagnoses", "passed_over"
REFUSED = "refused"


class PassedOver(Exception):
    """Nothing is wrong with it; it is nothing that is kept here."""


@dataclass(frozen=True, slots=True)
class Step:
    """`take` says what became of it, or nothing where its turn is another time."""

    number: int
    take: Callable[[], str | None]
    counted_as: str = PATIENTS
    resource: str = ""
    cells: tuple[str, ...] = ()


class Source(Protocol):
    """A file that is read from its beginning, whatever is skipped."""

    def steps(self, skip: int) -> Iterator[Step]: ...


@dataclass(frozen=True, slots=True)
class Refused:
    step: Step
    problems: list[Problem]

    @property
    def why(self) -> str:
        return "; ".join(found.problem for found in self.problems)


@dataclass(slots=True)
class Tally:
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    done: int = 0

    def take(self, step: Step) -> None:
        self.done += 1
        try:
            outcome = step.take()
        except RefusedRowError as error:
            self.refused.append(Refused(step, error.problems))
            outcome = REFUSED
        except PassedOver as reason:
            self._count(PASSED_OVER, str(reason))
            return
        if outcome is not None:
            self._count(step.counted_as, outcome)

    def add(self, counts: dict[str, dict[str, int]]) -> None:
        for of, outcomes in counts.items():
            self.counts.setdefault(of, Counter()).update(outcomes)

    def as_json(self) -> dict[str, dict[str, int]]:
        return {of: dict(outcomes) for of, outcomes in self.counts.items()}

    def _count(self, of: str, outcome: str) -> None:
        self.counts.setdefault(of, Counter())[outcome] += 1
