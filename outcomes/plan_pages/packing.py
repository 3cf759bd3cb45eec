"""Rows for what would overlap on one line."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where something reaches, and how much its label would add."""

    start: float
    end: float
    label: float = 0


@dataclass(frozen=True, slots=True)
class Packed:
    row: int
    # Whether the label has room before what comes next in its row.
    has_label: bool


def pack(
    extents: Sequence[Extent], *, gap: float, edge: float, most_rows: int
) -> tuple[Packed, ...]:
    """In the order given, each in the first row where it is free.

    Labels get rows of their own as long as that makes no more than `most_rows`; else
    only those are written for which there is room anyway.
    """
    roomy = _rows([_with_label(each, edge) for each in extents], gap)
    if max(roomy, default=0) < most_rows:
        return tuple(
            Packed(row, _fits(each, edge))
            for row, each in zip(roomy, extents, strict=True)
        )
    rows = _rows(extents, gap)
    return tuple(
        Packed(row, _is_free(place, rows, extents, gap, edge))
        for place, row in enumerate(rows)
    )


def _with_label(extent: Extent, edge: float) -> Extent:
    label = extent.label if _fits(extent, edge) else 0
    return Extent(extent.start, extent.end + label)


def _fits(extent: Extent, edge: float) -> bool:
    return extent.label > 0 and extent.end + extent.label <= edge


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


def _is_free(
    place: int, rows: Sequence[int], extents: Sequence[Extent], gap: float, edge: float
) -> bool:
    extent = extents[place]
    following = (
        other.start
        for row, other in zip(rows[place + 1 :], extents[place + 1 :], strict=True)
        if row == rows[place]
    )
    return _fits(extent, min(edge, next(following, edge) - gap))
