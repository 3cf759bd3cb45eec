"""The name of a group and notes under it: beside its row, or above it on a phone."""

import dataclasses
import html
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import svg
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Tick

LINE, NOTE_LINE = 1.2, 1.3
# Over and under a name whose row is no higher than the name.
PADDING = 8.0


@dataclass(frozen=True, slots=True)
class Name:
    """Baselines of at most two lines of the name, and of its notes."""

    x: float
    full: str
    lines: tuple[Tick, ...]
    notes: tuple[Tick, ...]
    # Of the row that it stands beside.
    middle: float = 0

    @property
    def bottom(self) -> float:
        return max(line.at for line in (*self.lines, *self.notes))

    @property
    def is_shortened(self) -> bool:
        return " ".join(line.label for line in self.lines) != " ".join(
            self.full.split()
        )


def beside(
    name: str,
    told: Sequence[str],
    *,
    top: float,
    least: float,
    room: float,
    size: float,
    note_size: float,
) -> Name:
    """The lines stand about the middle of a row, which is at least so high."""
    texts = _wrapped(name, room, size)
    notes = _notes(told, room, note_size)
    height = len(texts) * size * LINE + len(notes) * note_size * NOTE_LINE
    middle = top + max(least, height + 2 * PADDING) / 2
    start = middle - height / 2
    placed = _stacked(name, texts, notes, 0, start, size, note_size)
    return dataclasses.replace(placed, middle=round(middle, 1))


def above(
    name: str,
    told: Sequence[str],
    *,
    x: float,
    top: float,
    room: float,
    size: float,
    note_size: float,
) -> Name:
    texts = _wrapped(name, room, size)
    notes = _notes(told, room, note_size)
    return _stacked(name, texts, notes, x, top, size, note_size)


def drawn(name: Name, note_size: float) -> SafeString:
    """With the whole name where it is shortened."""
    notes = f'font-weight="400" font-size="{note_size}" {svg.MUTED}'
    full = f"<title>{html.escape(name.full)}</title>" if name.is_shortened else ""
    return svg.join(
        [
            f'<g class="chart-name">{full}',
            svg.down(name.lines, name.x),
            svg.down(name.notes, name.x, notes),
            "</g>",
        ]
    )


def _notes(told: Sequence[str], room: float, size: float) -> tuple[str, ...]:
    return tuple(
        line for one in told for line in chart_text.wrap(one, room, size, 2) if line
    )


def _wrapped(name: str, room: float, size: float) -> tuple[str, ...]:
    return chart_text.wrap(name, room, size, 2) or ("",)


def _stacked(
    name: str,
    texts: tuple[str, ...],
    notes: tuple[str, ...],
    x: float,
    top: float,
    size: float,
    note_size: float,
) -> Name:
    y = top - size * (LINE - 1)
    lines, under = [], []
    for one in texts:
        y += size * LINE
        lines.append(Tick(round(y, 1), one))
    for one in notes:
        y += note_size * NOTE_LINE
        under.append(Tick(round(y, 1), one))
    return Name(x, name, tuple(lines), tuple(under))
