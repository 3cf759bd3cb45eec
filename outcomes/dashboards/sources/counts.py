"""The figures of the report on pain sources, from a row for each complaint. Pure."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from outcomes.dashboards.sources.choices import OPEN, STEPS, Step, kind_of
from patients.catalogue import places


class SourceRow(NamedTuple):
    """`current` and `first_source` are sources; the categories have 3 characters."""

    pain_site: str
    current: str | None
    first_source: str | None
    first_category: str | None
    final_category: str | None
    onset_on: date | None
    evaluated_on: date | None
    treated_on: date | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """n by site and source; the source None stands for complaints without one.

    Sites and sources are those that occur, in the order of the catalogue.
    """

    sites: tuple[str, ...]
    sources: tuple[str | None, ...]
    counts: Counter[tuple[str, str | None]]

    def of_site(self, site: str) -> int:
        return sum(self.counts[site, source] for source in self.sources)

    def of_source(self, source: str | None) -> int:
        return sum(self.counts[site, source] for site in self.sites)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def named(self) -> int:
        """Of which a source is known: the entry "not known yet" names none."""
        return self.total - self.of_kind(OPEN)

    def of_kind(self, kind: str) -> int:
        return sum(
            n for (_, source), n in self.counts.items() if kind_of(source) == kind
        )


def matrix(rows: Iterable[SourceRow]) -> Matrix:
    counts = Counter((row.pain_site, row.current) for row in rows)
    seen_sites = {site for site, _ in counts}
    seen_sources = {source for _, source in counts}
    sources = [key for key in places.pain_sources() if key in seen_sources]
    return Matrix(
        sites=tuple(key for key in places.body_sites() if key in seen_sites),
        sources=(*sources, *([None] if None in seen_sources else [])),
        counts=counts,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """n of the complaints that began as `first` are `final` now; None: none stands."""

    first: str
    final: str | None
    n: int
    of: int

    @property
    def is_change(self) -> bool:
        return self.first != self.final


@dataclass(frozen=True, slots=True)
class Changes:
    """What the first word became; `without` have no first word at all."""

    lines: tuple[Change, ...]
    without: int

    @property
    def total(self) -> int:
        return sum(line.n for line in self.lines)

    @property
    def changed(self) -> int:
        return sum(line.n for line in self.lines if line.final and line.is_change)

    @property
    def fallen(self) -> int:
        """None of what was named stands any more."""
        return sum(line.n for line in self.lines if line.final is None)

    @property
    def kept(self) -> int:
        return self.total - self.changed - self.fallen


def changes(pairs: Iterable[tuple[str | None, str | None]]) -> Changes:
    """The most frequent first words first, and what they became below each."""
    counts = Counter(pairs)
    firsts: Counter[str] = Counter()
    for (first, _), n in counts.items():
        if first is not None:
            firsts[first] += n
    lines = [
        Change(first, final, n, firsts[first])
        for (first, final), n in counts.items()
        if first is not None
    ]
    lines.sort(key=lambda c: (-c.of, c.first, -c.n, c.final or ""))
    without = sum(n for (first, _), n in counts.items() if first is None)
    return Changes(tuple(lines), without)


@dataclass(frozen=True, slots=True)
class Span:
    """Days between two dates; what too few people have for it is None."""

    key: str
    label: str
    n: int
    median: float | None
    quartiles: tuple[float, float] | None
    lacking: int
    backwards: int


def spans(rows: Sequence[SourceRow]) -> list[Span]:
    return [_span(key, step, rows) for key, step in STEPS.items()]


def _span(key: str, step: Step, rows: Sequence[SourceRow]) -> Span:
    pairs = [(getattr(row, step.start), getattr(row, step.end)) for row in rows]
    dated = [(end - start).days for start, end in pairs if start and end]
    days = sorted(day for day in dated if day >= 0)
    return Span(
        key=key,
        label=step.label,
        n=len(days),
        median=statistics.median(days) if days else None,
        quartiles=quartiles(days),
        lacking=len(pairs) - len(dated),
        backwards=len(dated) - len(days),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report counts, for the page and for programs."""

    matrix: Matrix
    ledger: Changes
    diagnoses: Changes
    spans: Sequence[Span]


def report(rows: Sequence[SourceRow]) -> Report:
    return Report(
        matrix=matrix(rows),
        ledger=changes((row.first_source, row.current) for row in rows),
        diagnoses=changes((row.first_category, row.final_category) for row in rows),
        spans=spans(rows),
    )


def quartiles(ordered: Sequence[float]) -> tuple[float, float] | None:
    """Of the values themselves, both ends among them (Hyndman and Fan, type 7)."""
    if len(ordered) < 2:
        return None
    first, _, third = statistics.quantiles(ordered, n=4, method="inclusive")
    return first, third
