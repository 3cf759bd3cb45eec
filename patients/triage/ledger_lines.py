"""The ledger as a timeline: judgements, what they rest on, how they ended. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patients.models import Complaint, Evidence, SourceHypothesis

REFUTED = SourceHypothesis.Certainty.REFUTED


@dataclass(frozen=True, slots=True)
class Line:
    """ended is "refuted" or "replaced" where a later judgement took its place."""

    entry: SourceHypothesis
    pro: tuple[Evidence, ...]
    contra: tuple[Evidence, ...]
    ended: str
    ended_on: date | None

    @property
    def is_standing(self) -> bool:
        return self.entry.is_standing


def of(complaint: Complaint) -> list[Line]:
    """Newest first; uses prefetches of entries, evidence and what it cites."""
    entries = sorted(
        complaint.hypotheses.all(), key=lambda e: (e.stated_on, e.pk), reverse=True
    )
    return [_line(entry, entries) for entry in entries]


def _line(entry: SourceHypothesis, entries: Sequence[SourceHypothesis]) -> Line:
    cited = list(entry.evidence.all())
    return Line(
        entry,
        tuple(e for e in cited if e.stance == Evidence.Stance.FOR),
        tuple(e for e in cited if e.stance == Evidence.Stance.AGAINST),
        _end(entry, entries),
        entry.superseded_on,
    )


def _end(entry: SourceHypothesis, entries: Sequence[SourceHypothesis]) -> str:
    if entry.superseded_on is None:
        return ""
    if entry.certainty == REFUTED:
        return "replaced"
    was_refuted = any(
        later.certainty == REFUTED
        and later.source == entry.source
        and later.stated_on == entry.superseded_on
        and later.pk > entry.pk
        for later in entries
    )
    return "refuted" if was_refuted else "replaced"
