"""How it went for the people of each group: one stacked bar a group.

Groups below 10 answers are drawn as single people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import geometry, parts, svg, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.groups import names, people, share_rows
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.people import People
from outcomes.dashboards.charts.groups.share_rows import ShareRow
from outcomes.dashboards.charts.inline import percent
from outcomes.dashboards.charts.parts import ENGLISH, Part, PartWords
from outcomes.dashboards.charts.tables import Column, Table


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; its percentage stands above it about `label_x`."""

    part: Part
    data: SafeString
    spoken: str
    x: float
    width: float
    label: str
    label_x: float


@dataclass(frozen=True, slots=True)
class PlottedRow:
    """A group's name and either its bar, its people or why there is neither."""

    row: ShareRow
    name: Name
    bar_y: float
    label_y: float
    segments: tuple[Segment, ...]
    people: tuple[People, ...]
    words: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class KeyItem:
    part: Part
    x: float
    y: float
    text_x: float
    text_y: float
    label: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units; names stand beside or above the bars."""

    variant: str
    width: int
    left: float
    right: float
    bar: float
    text_size: float
    note_size: float
    # From a row to the next.
    below: float
    has_side_labels: bool


WIDE = Layout("wide", 840, 232, 838, 24, 14.5, 13, 8, True)
COMPACT = Layout("compact", 360, 1, 359, 22, 14.5, 13, 22, False)
LAYOUTS = (WIDE, COMPACT)
# Room for the percentages above a bar, and for lines of words in their place.
ABOVE, LINE = 20.0, 1.3
# Between the percentages of two parts.
CLEAR = 9.0


@dataclass(frozen=True, slots=True)
class SharesView:
    layout: Layout
    height: float
    key: tuple[KeyItem, ...]
    rows: tuple[PlottedRow, ...]


@dataclass(frozen=True, slots=True)
class SharesChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/shares.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[ShareRow, ...]
    words: PartWords
    views: tuple[SharesView, ...]

    @property
    def table(self) -> Table:
        shown = _shown(self.rows)
        columns = [Column(_capital(self.words.of_part(part))) for part in shown]
        return tables.table(
            self.title,
            [Column("Group", is_number=False), *columns, Column("n")],
            [share_rows.table_row(row, shown) for row in self.rows],
        )


def outcome_shares(
    rows: Sequence[ShareRow],
    *,
    chart_id: str,
    title: str,
    words: PartWords = ENGLISH,
    notes: Sequence[str] = (),
) -> SharesChart:
    """One bar a row, in the order given; chart_id must be unique in its page.

    `notes` are said beside the title, such as the rule by which people improved.
    """
    return SharesChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(
            f"{row.label}: {share_rows.row_words(row, words)}." for row in rows
        ),
        notes=tuple(notes),
        rows=tuple(rows),
        words=words,
        views=tuple(_view(layout, rows, words) for layout in LAYOUTS) if rows else (),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _shown(rows: Sequence[ShareRow]) -> tuple[Part, ...]:
    """Whether people answered is told where the caller counted those who did not."""
    counts_all = any(row.unanswered != 0 for row in rows)
    return tuple(Part) if counts_all else parts.ANSWERED


def _view(layout: Layout, rows: Sequence[ShareRow], words: PartWords) -> SharesView:
    key = tuple(_key(layout, rows, words))
    y = key[-1].y + (22 if layout.has_side_labels else 30)
    plotted = []
    for row in rows:
        one = _plotted(layout, row, y, words)
        plotted.append(one)
        y = max(one.name.bottom, one.bar_y + layout.bar) + layout.below
    return SharesView(layout, round(y - layout.below + 10, 1), key, tuple(plotted))


def _key(
    layout: Layout, rows: Sequence[ShareRow], words: PartWords
) -> Iterator[KeyItem]:
    """What the fills stand for, over the bars, in as many lines as they need."""
    x, y = layout.left, 1.0
    for part in _shown(rows):
        label = words.of_part(part)
        room = 20 + chart_text.width(label, layout.note_size)
        if x > layout.left and x + room > layout.right:
            x, y = layout.left, y + 20
        yield KeyItem(part, round(x, 1), y, round(x + 18, 1), y + 10.5, label)
        x += room + 12


def _plotted(layout: Layout, row: ShareRow, top: float, words: PartWords) -> PlottedRow:
    if layout.has_side_labels:
        name = names.beside(
            row.label,
            _notes(row, words),
            top=top,
            least=2 * ABOVE + layout.bar,
            room=layout.left - 24,
            size=layout.text_size,
            note_size=layout.note_size,
        )
        bar_y = round(name.middle - layout.bar / 2, 1)
    else:
        name = names.above(
            row.label,
            [", ".join(_notes(row, words))],
            x=layout.left,
            top=top,
            room=layout.width - 4,
            size=layout.text_size,
            note_size=layout.note_size,
        )
        lines = 1 if row.is_hidden else len(_instead(layout, row, words))
        under = layout.note_size * LINE * max(lines - 1, 0)
        bar_y = round(name.bottom + ABOVE + 4 + under, 1)
    is_bar = not row.is_hidden and not row.is_few
    is_people = row.is_few and not row.is_hidden
    middle = round(bar_y + layout.bar / 2, 1)
    return PlottedRow(
        row=row,
        name=name,
        bar_y=bar_y,
        label_y=bar_y - 6,
        segments=_segments(layout, row, words) if is_bar else (),
        people=people.of_row(row, layout.left - 3, middle, words) if is_people else (),
        words=_stacked(layout, row, _instead(layout, row, words), bar_y),
    )


def _notes(row: ShareRow, words: PartWords) -> list[str]:
    if row.is_hidden:
        return []
    of = f" {words.of} {row.total}" if row.unanswered else ""
    few = [words.too_few] if row.is_few and row.answered else []
    return [f"n = {row.answered}{of}", *few]


def _instead(layout: Layout, row: ShareRow, words: PartWords) -> tuple[str, ...]:
    """What is said where there is no bar."""
    if not row.is_few and not row.is_hidden:
        return ()
    said = words.hidden if row.is_hidden else share_rows.counts_words(row, words)
    return chart_text.wrap(said, layout.right - layout.left, layout.note_size, 2)


def _stacked(
    layout: Layout, row: ShareRow, texts: Sequence[str], bar_y: float
) -> tuple[Tick, ...]:
    """Over the people or, where there are none, in their place."""
    step = layout.note_size * LINE
    last = bar_y - 6
    if row.is_hidden:
        last = bar_y + layout.bar / 2 + layout.note_size * 0.35
        last += step * (len(texts) - 1) / 2
    first = last - step * (len(texts) - 1)
    return tuple(
        Tick(round(first + step * place, 1), line) for place, line in enumerate(texts)
    )


def _segments(layout: Layout, row: ShareRow, words: PartWords) -> tuple[Segment, ...]:
    scale = Scale(0, row.total, start=layout.left, end=layout.right)
    found: list[tuple[Part, float, float]] = []
    before = 0
    for part in Part:
        n = row.counts[part] or 0
        if n:
            found.append((part, scale(before), scale(before + n)))
        before += n
    labels = [percent(row.share(part)) for part, _, _ in found]
    centres = geometry.spread(
        [(start + end) / 2 for _, start, end in found],
        [chart_text.width(one, layout.note_size) + CLEAR for one in labels],
        layout.left,
        layout.right,
    )
    return tuple(
        Segment(
            part=part,
            data=row.data(part),
            spoken=share_rows.spoken(row, part, words),
            x=start,
            width=round(end - start, 1),
            label=label,
            label_x=centre,
        )
        for (part, start, end), label, centre in zip(
            found, labels, centres, strict=True
        )
    )


def segments(row: PlottedRow, bar: float, size: float, drawing: str) -> SafeString:
    """bar is the height of a bar, size that of the type, drawing the drawing's id."""
    label = f'text-anchor="middle" font-size="{size}"'
    return svg.join(
        svg.point(
            one.data,
            one.spoken,
            f'<rect x="{one.x}" y="{row.bar_y}" width="{one.width}" height="{bar}" '
            f"{parts.fill(one.part, drawing)}/>"
            f"{svg.hit(one.x, row.bar_y, one.width, bar)}"
            f"{svg.text(one.label_x, row.label_y, one.label, label)}",
        )
        for one in row.segments
    )
