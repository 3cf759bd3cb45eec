"""The report as its page and its file show it: each number with the list behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from clinic.models import User
from plans.models import Modality
from plans.reports import counts
from plans.reports.choices import ANY, BEFORE, LACKING, NO, RECORDED, YES, Choices
from plans.reports.counts import DONE, STATUSES, Done, Group, Report, Sessions

Cells = tuple[tuple[str, "Number"], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """An n and where it leads; a zero leads nowhere."""

    n: int
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: Cells
    total: Number


@dataclass(frozen=True, slots=True)
class SessionsRow:
    figures: Sessions
    courses: Number
    recorded: Number
    lacking: Number


@dataclass(frozen=True, slots=True)
class ModalityRow(Row):
    """`percent` is None where too few were performed."""

    percent: int | None
    performed: int
    due_later: int


@dataclass(frozen=True, slots=True)
class ReportPage:
    choices: Choices
    report: Report
    total: Number
    protocols: tuple[Row, ...]
    providers: tuple[Row, ...]
    sessions: tuple[SessionsRow, ...]
    all_sessions: SessionsRow
    treated: Number
    before: Number
    untreated: Number
    modalities: tuple[ModalityRow, ...]

    @property
    def few(self) -> int:
        return counts.FEW


def build(user: User, choices: Choices) -> ReportPage:
    found = counts.report(user, choices)
    links = Links(choices)
    return ReportPage(
        choices=choices,
        report=found,
        total=links.plans(found.plans),
        protocols=tuple(_group(g, "protocol", links) for g in found.protocols),
        providers=tuple(_group(g, "provider", links) for g in found.providers),
        sessions=tuple(_sessions(line, links) for line in found.sessions),
        all_sessions=_sessions(found.all_sessions, links),
        treated=links.complaints(found.wait.n, YES),
        before=links.complaints(found.wait.before, BEFORE),
        untreated=links.complaints(found.wait.untreated, NO),
        modalities=tuple(_done(done, links) for done in found.modalities),
    )


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the lists of those that the choice counts."""

    choices: Choices

    def plans(self, n: int, **cell: str) -> Number:
        return self._to("plans:list", n, **cell)

    def interventions(self, n: int, **cell: str) -> Number:
        return self._to("plans:interventions", n, **cell)

    def complaints(self, n: int, treated: str) -> Number:
        return self._to("plans:report_complaints", n, treated=treated)

    def _to(self, page: str, n: int, **cell: str) -> Number:
        return Number(n, reverse(page) + self.choices.address(**cell))


def _group(group: Group, name: str, links: Links) -> Row:
    own = {name: group.key}
    return Row(
        label=group.label,
        cells=tuple(
            (
                status.label.capitalize(),
                links.plans(group.counts[status], status=status, **own),
            )
            for status in STATUSES
        ),
        total=links.plans(group.total, **own),
    )


def _sessions(line: Sessions, links: Links) -> SessionsRow:
    own: dict[str, Any] = {"modality": Modality.PHYSICAL_THERAPY.value}
    if line.key:
        own["provider"] = line.key
    return SessionsRow(
        figures=line,
        courses=links.interventions(line.courses, sessions=ANY, **own),
        recorded=links.interventions(line.recorded, sessions=RECORDED, **own),
        lacking=links.interventions(line.lacking, sessions=LACKING, **own),
    )


def _done(done: Done, links: Links) -> ModalityRow:
    own = {"modality": done.modality}
    return ModalityRow(
        label=done.label,
        cells=tuple(
            (
                status.label.capitalize(),
                links.interventions(done.counts[status], status=status.value, **own),
            )
            for status in DONE
        ),
        total=links.interventions(done.total, **own),
        percent=done.percent,
        performed=len(done.recorded),
        due_later=done.due_later,
    )


TOO_FEW = f"too few (below {counts.FEW})"
HEADINGS = ("part", "group", "what", "n")


def lines(page: ReportPage) -> Iterator[tuple[str, str, str, str]]:
    """A line for each figure, for spreadsheets and statistics programs."""
    for part, rows in (
        ("plans by protocol", page.protocols),
        ("plans by provider", page.providers),
        ("interventions by modality", page.modalities),
    ):
        for row in rows:
            for name, number in (*row.cells, ("All", row.total)):
                yield part, row.label, name.lower(), str(number.n)
    for done in page.modalities:
        percent = TOO_FEW if done.percent is None else str(done.percent)
        yield "fields recorded, median percent", done.label, "performed", percent
        later = str(done.due_later)
        yield "with fields due later", done.label, "performed", later
    for line in (*page.sessions, page.all_sessions):
        figures = line.figures
        names = ("courses", "recorded", "prescribed", "attended", "missed")
        for name in names:
            yield "sessions", figures.label, name, str(getattr(figures, name))
    yield from _waited(page)


def _waited(page: ReportPage) -> Iterator[tuple[str, str, str, str]]:
    wait, part = page.report.wait, "days from diagnosis to first treatment"
    yield part, "", "treated since the diagnosis", str(wait.n)
    yield part, "", "treated before the diagnosis", str(wait.before)
    yield part, "", "not treated yet", str(wait.untreated)
    first, third = wait.quartiles or (TOO_FEW, TOO_FEW)
    yield part, "", "first quartile", str(first)
    yield part, "", "median", TOO_FEW if wait.median is None else str(wait.median)
    yield part, "", "third quartile", str(third)
