"""What an import did, counted."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from io import TextIOBase

from clinic import spreadsheets
from outcomes.imports.records import Changes
from outcomes.imports.refusals import Reason, Refusal

FIRST_SHOWN = 20


@dataclass(slots=True)
class Counts:
    rows_read: int = 0
    rows_taken: int = 0
    persons_new: int = 0
    persons_known: int = 0
    persons_refused: int = 0
    follow_ups: int = 0
    responses: int = 0
    scores: int = 0
    scores_known: int = 0
    facts: int = 0

    def add(self, changes: Changes) -> None:
        self.rows_taken += changes.rows_taken
        self.persons_new += len(changes.patients)
        self.persons_known += changes.persons_known
        self.persons_refused += changes.persons_refused
        self.follow_ups += len(changes.follow_ups)
        self.responses += len(changes.responses)
        self.scores += len(changes.scores)
        self.scores_known += changes.scores_known

    def as_facts(self) -> dict[str, int]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(slots=True)
class Summary:
    is_dry: bool
    file_sha256: str
    counts: Counts = field(default_factory=Counts)
    reasons: dict[Reason, int] = field(default_factory=dict)
    first: list[Refusal] = field(default_factory=list)
    is_complete: bool = False

    @property
    def rows_refused(self) -> int:
        return sum(n for reason, n in self.reasons.items() if reason != Reason.DIFFERS)

    @property
    def is_all_fine(self) -> bool:
        return not self.reasons

    def lines(self) -> list[str]:
        """For people, one sentence a line."""
        c, would = self.counts, "would be " if self.is_dry else ""
        lines = [
            f"Rows: {c.rows_read:,} read, {c.rows_taken:,} taken, "
            f"{self.rows_refused:,} refused.",
            f"Persons: {c.persons_new:,} {would}new, "
            f"{c.persons_known:,} known already.",
            f"Responses: {c.responses:,} {would}new. Scores: {c.scores:,} {would}new, "
            f"{c.scores_known:,} known already. "
            f"Follow-ups: {c.follow_ups:,} {would}new.",
        ]
        lines += [f"  {n:,} x {reason}" for reason, n in self.reasons.items()]
        lines += [f"  row {r.row}: {r.detail}" for r in self.first]
        more = sum(self.reasons.values()) - len(self.first)
        if more > 0:
            lines.append(f"  and {more:,} more; --report FILE.csv lists all of them.")
        return lines


def write_report(file: TextIOBase, refusals: Iterable[Refusal]) -> None:
    """Every refusal as CSV, in the order of the file."""
    writer = csv.writer(file)
    writer.writerow(["row", "reason", "detail"])
    writer.writerows(
        [r.row, str(r.reason), spreadsheets.inert(r.detail)] for r in refusals
    )
