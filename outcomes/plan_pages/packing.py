"""Rows for what would overlap on one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where something reaches, and how much its label would add."""

    start: float
    end: float
    label: float = 0


class Side(StrEnum):
    """On which side of its mark a label is written."""

    RIGHT = "right"
    LEFT = "left"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Packed:
    row: int
    side: Side

    @property
    def has_label(self) -> bool:
        return self.side != Side.NONE


def pack(
    extents: Sequence[Extent],
    *,
    gap: float,
    edge: float,
    most_rows: int,
    start: float = 0,
) -> tuple[Packed, ...]:
    """In the order given, each in the first row where it is free.

    A label stands right of its mark, or left of it where the edge is too near. Labels
    get rows of their own as long as that makes no more than `most_rows`; else only the
    first and the last do, and of the others those for which there is room anyway.
    """
    sides = [_side(each, start, edge) for each in extents]
    roomy = _rows(_widened(extents, sides), gap)
    if max(roomy, default=0) < most_rows:
        return tuple(map(Packed, roomy, sides))
    ends = {0, len(extents) - 1}
    sides = [s if at in ends else Side.NONE for at, s in enumerate(sides)]
    rows = _rows(_widened(extents, sides), gap)
    for place in range(len(extents)):
        if sides[place] == Side.NONE:
            left, right = _room(place, rows, _widened(extents, sides), start, edge, gap)
            sides[place] = _side(extents[place], left, right)
    return tuple(map(Packed, rows, sides))


def _side(extent: Extent, start: float, edge: float) -> Side:
    """Where its label fits between two places."""
    if extent.label <= 0:
        return Side.NONE
    if extent.end + extent.label <= edge:
        return Side.RIGHT
    return Side.LEFT if extent.start - extent.label >= start else Side.NONE


def _widened(extents: Sequence[Extent], sides: Sequence[Side]) -> list[Extent]:
    """Each with its label, where that is written."""
    return [
        Extent(
            each.start - (each.label if side == Side.LEFT else 0),
            each.end + (each.label if side == Side.RIGHT else 0),
        )
        for each, side in zip(extents, sides, strict=True)
    ]


def _rows(extents: Sequence[Extent], gap: float) -> list[int]:
    ends: list[float] = []
    rows = []
    for each in extents:
        free = (row for row, end in enumerate(ends) if end + gap <= each.start)
        row = next(free, len(ends))
        if row == len(ends):
            ends.append(each.end)
        ends[row] = max(ends[row], each.end)
        rows.append(row)
    return rows


def _room(
    place: int,
    rows: Sequence[int],
    extents: Sequence[Extent],
    start: float,
    edge: float,
    gap: float,
) -> tuple[float, float]:
    """From the one before in its row to the one after."""
    own = [at for at, row in enumerate(rows) if row == rows[place]]
    before = [extents[at].end + gap for at in own if at < place]
    after = [extents[at].start - gap for at in own if at > place]
    return max([start, *before]), min([edge, *after])
