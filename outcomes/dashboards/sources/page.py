"""The report "where pain came from": figures, charts, and the list behind each n."""

from collections.abc import Callable
from dataclasses import dataclass

from clinic.models import User
from outcomes.dashboards import charts, diagnosis_categories
from outcomes.dashboards.sources import choices as source_choices
from outcomes.dashboards.sources import counts as source_counts
from outcomes.dashboards.sources import rows as source_rows
from outcomes.dashboards.sources.choices import KINDS, NONE, OPEN, Choices
from outcomes.dashboards.sources.counts import Change, Changes, Matrix, Span
from patients.catalogue import places

LISTED_CHANGES = 40


@dataclass(frozen=True, slots=True)
class Number:
    """An n with the query of the list behind it; a zero leads nowhere."""

    n: int
    address: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    label: str
    cells: tuple[tuple[str, Number], ...]
    total: Number


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """`columns` are labels of sources; the last row adds the sites up."""

    columns: tuple[str, ...]
    rows: tuple[SiteRow, ...]
    sum: SiteRow


@dataclass(frozen=True, slots=True)
class ChangeRow:
    first: str
    final: str
    is_change: bool
    n: Number
    of: Number


@dataclass(frozen=True, slots=True)
class ChangeTable:
    """What the first word became; the four numbers add up to all complaints."""

    rows: tuple[ChangeRow, ...]
    left_out: int
    total: int
    changed: Number
    kept: Number
    fallen: Number
    without: Number


@dataclass(frozen=True, slots=True)
class SpanLine:
    span: Span
    known: Number
    lacking: Number
    backwards: Number

    @property
    def median(self) -> str:
        found = self.span.median
        return "–" if found is None else charts.number(found)

    @property
    def quartiles(self) -> str:
        found = self.span.quartiles
        if found is None:
            return "–"
        return f"{charts.number(found[0])} to {charts.number(found[1])}"


@dataclass(frozen=True, slots=True)
class SourcesPage:
    choices: Choices
    total: int
    known: Number
    from_back: Number
    matrix: MatrixTable
    sources: charts.SourcesChart
    ledger: ChangeTable
    diagnoses: ChangeTable
    spans: tuple[SpanLine, ...]
    times: charts.SpansChart


def build(user: User, choices: Choices) -> SourcesPage:
    """One query for all of it."""
    found = source_counts.report(source_rows.rows(user, choices))
    counted = found.matrix
    back = counted.of_kind("back")
    return SourcesPage(
        choices=choices,
        total=counted.total,
        known=Number(counted.named, choices.address(kind=source_choices.KNOWN)),
        from_back=Number(back, choices.address(kind="back")),
        matrix=_matrix(counted, choices),
        sources=_sources_chart(counted, choices),
        ledger=_changes(
            found.ledger,
            choices,
            ("ledger", "first_source", "source"),
            _source_label,
        ),
        diagnoses=_changes(
            found.diagnoses,
            choices,
            ("diagnosis", "first_diagnosis", "final_diagnosis"),
            diagnosis_categories.words,
        ),
        spans=tuple(_span(span, choices) for span in found.spans),
        times=charts.spans_chart(
            [charts.SpanRow(s.label, s.n, s.median, s.quartiles) for s in found.spans],
            chart_id="times",
            title="Time to evaluation and treatment",
        ),
    )


def _source_label(key: str) -> str:
    return places.pain_sources()[key].label


def _matrix(found: Matrix, choices: Choices) -> MatrixTable:
    labels = [_source_label(key) if key else choices.unnamed for key in found.sources]
    columns = tuple(label[0].upper() + label[1:] for label in labels)

    def row(label: str, site: str, n_of: Callable[[str | None], int]) -> SiteRow:
        cells = tuple(
            (column, Number(n_of(key), choices.address(site=site, source=key or NONE)))
            for column, key in zip(columns, found.sources, strict=True)
        )
        total = sum(number.n for _, number in cells)
        return SiteRow(label, cells, Number(total, choices.address(site=site)))

    return MatrixTable(
        columns=columns,
        rows=tuple(
            row(
                places.body_sites()[site].label_en,
                site,
                lambda source, site=site: found.counts[site, source],  # type: ignore[misc]
            )
            for site in found.sites
        ),
        sum=row("All of these sites", choices.site, found.of_source),
    )


def _sources_chart(found: Matrix, choices: Choices) -> charts.SourcesChart:
    counts = [
        charts.SourceCount(
            _source_label(key) if key else choices.unnamed.capitalize(),
            source_choices.kind_of(key),
            found.of_source(key),
        )
        for key in found.sources
    ]
    counts.sort(key=lambda count: (count.kind == OPEN, -count.n))
    keys = [(key, kind.label) for key, kind in KINDS.items()]
    return charts.sources_chart(
        counts, chart_id="sources", title="Complaints by source", keys=keys
    )


def _changes(
    found: Changes,
    choices: Choices,
    names: tuple[str, str, str],
    label: Callable[[str], str],
) -> ChangeTable:
    """names are what the address calls the change, the first word and the last."""
    how, first, final = names

    def row(line: Change) -> ChangeRow:
        where = {first: line.first, final: line.final or NONE}
        return ChangeRow(
            first=label(line.first),
            final=label(line.final) if line.final else "none stands",
            is_change=line.is_change,
            n=Number(line.n, choices.address(**where)),
            of=Number(line.of, choices.address(**{first: line.first})),
        )

    def number(n: int, key: str) -> Number:
        return Number(n, choices.address(**{how: key}))

    return ChangeTable(
        rows=tuple(row(line) for line in found.lines[:LISTED_CHANGES]),
        left_out=len(found.lines[LISTED_CHANGES:]),
        total=found.total,
        changed=number(found.changed, source_choices.CHANGED),
        kept=number(found.kept, source_choices.KEPT),
        fallen=number(found.fallen, source_choices.FALLEN),
        without=Number(found.without, choices.address(**{first: NONE})),
    )


def _span(span: Span, choices: Choices) -> SpanLine:
    def number(n: int, dates: str) -> Number:
        return Number(n, choices.address(step=span.key, dates=dates))

    return SpanLine(
        span=span,
        known=number(span.n, source_choices.KNOWN),
        lacking=number(span.lacking, source_choices.LACKING),
        backwards=number(span.backwards, source_choices.BACKWARDS),
    )
