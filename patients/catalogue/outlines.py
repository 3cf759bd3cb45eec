"""The pictures of the body map: the outline of each region in each view.

Lines are drawn once, for one half of the body; a region is the corners it goes round.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from patients.catalogue import curves, regions

DATA = Path(__file__).parent / "data"

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """An SVG path and its left, top, right and bottom."""

    path: str
    bounds: Box

    @property
    def middle(self) -> tuple[int, int]:
        left, top, right, bottom = self.bounds
        return (left + right) // 2, (top + bottom) // 2


@dataclass(frozen=True, slots=True)
class View:
    """One picture; its shapes by stored value, such as "arch:left".

    `plain` is what can be seen but not chosen, `details` are lines inside.
    """

    key: str
    box: Box
    side_on_the_right: str
    shapes: Mapping[str, Shape]
    plain: str
    outline: str
    details: str


@dataclass(frozen=True, slots=True)
class Line:
    curve: curves.Curve
    corners: Mapping[str, int]

    def between(self, first: str, last: str) -> int:
        low, high = sorted((self.corners[first], self.corners[last]))
        return sum(low < place < high for place in self.corners.values())

    def part(self, first: str, last: str) -> curves.Curve:
        return self.curve.part(self.corners[first], self.corners[last])


Lines = Mapping[str, Line]


@functools.cache
def views() -> dict[str, View]:
    return read_views(DATA / "body_map.toml", regions.regions())


def read_views(path: Path, known: Mapping[str, regions.Region]) -> dict[str, View]:
    file = reference_data.read_toml(path)
    sheets = {key: _read_lines(table) for key, table in _tables(file.table("lines"))}
    found = {
        key: _read_view(key, table, sheets, known)
        for key, table in _tables(file.table("views"))
    }
    file.finish()
    for region in known.values():
        for view in region.views:
            if view not in found or region.values()[0] not in found[view].shapes:
                raise file.error("views", f"{region.key} has no outline in {view}.")
    return found


def _tables(
    table: reference_data.Entry,
) -> Iterator[tuple[str, reference_data.Entry]]:
    return ((key, table.table(key)) for key in table)


def _read_lines(table: reference_data.Entry) -> dict[str, Line]:
    """A line is points "x,y", "name=x,y", or the name of a point above."""
    points: dict[str, curves.Point] = {}
    lines: dict[str, Line] = {}
    for key in table:
        nodes: list[curves.Point] = []
        corners: dict[str, int] = {}
        for word in table.text(key).split():
            name, _, place = word.rpartition("=")
            if name in points:
                raise table.error(key, f"{name} is the name of a point above.")
            if place in points:
                name = place
            point = points[place] if place in points else _point(table, key, place)
            if name:
                points[name] = point
                corners[name] = len(nodes)
            nodes.append(point)
        if len(nodes) < 2:
            raise table.error(key, "a line needs two points.")
        lines[key] = Line(curves.through(nodes), corners)
    return lines


def _point(table: reference_data.Entry, key: str, text: str) -> curves.Point:
    try:
        x, y = map(int, text.split(","))
    except ValueError:
        raise table.error(
            key, f"{text!r} is neither x,y nor the name of a point above."
        ) from None
    return x, y


def _read_view(
    key: str,
    table: reference_data.Entry,
    sheets: Mapping[str, Lines],
    known: Mapping[str, regions.Region],
) -> View:
    lines = sheets[table.choice("lines", sheets)]
    right = table.choice("side_on_the_right", regions.SIDES)
    shapes: dict[str, Shape] = {}
    drawn = table.table("regions")
    for name in drawn:
        if name not in known or key not in known[name].views:
            raise drawn.error(name, f"is not a region of the view {key}.")
        shapes |= _shapes(known[name], right, _loop(drawn, name, lines))
    plain = table.table("plain")
    view = View(
        key=key,
        box=_box(table),
        side_on_the_right=right,
        shapes=shapes,
        plain="".join(
            path for name in plain for path in _plain(_loop(plain, name, lines))
        ),
        outline=_strokes(table, "outline", lines),
        details=_strokes(table, "details", lines),
    )
    table.finish()
    return view


def _shapes(
    region: regions.Region, right: str, loop: list[curves.Curve]
) -> dict[str, Shape]:
    if not region.has_side:
        return {region.key: _shape(_both_halves(loop))}
    left = next(side for side in regions.SIDES if side != right)
    return {
        f"{region.key}:{right}": _shape(loop),
        f"{region.key}:{left}": _shape([curve.mirrored() for curve in loop]),
    }


def _shape(loop: list[curves.Curve]) -> Shape:
    return Shape(curves.closed_path(loop), curves.bounds(loop))


def _plain(loop: list[curves.Curve]) -> tuple[str, ...]:
    if loop[0].start != loop[-1].end:
        return (curves.closed_path(_both_halves(loop)),)
    mirrored = [curve.mirrored() for curve in loop]
    return curves.closed_path(loop), curves.closed_path(mirrored)


def _both_halves(half: list[curves.Curve]) -> list[curves.Curve]:
    return half + [curve.mirrored().backwards() for curve in reversed(half)]


def _loop(table: reference_data.Entry, key: str, lines: Lines) -> list[curves.Curve]:
    """The curves from corner to corner, open where both ends are on the midline."""
    corners = table.text(key).split()
    loop = [
        _joint(table, key, lines, pair).part(*pair)
        for pair in itertools.pairwise(corners)
    ]
    if loop[0].start[0] == loop[-1].end[0] == 0:
        return loop
    last = (corners[-1], corners[0])
    return [*loop, _joint(table, key, lines, last).part(*last)]


def _joint(
    table: reference_data.Entry, key: str, lines: Lines, pair: tuple[str, str]
) -> Line:
    """The line that joins two corners, with the fewest corners between them."""
    both = [line for line in lines.values() if line.corners.keys() >= set(pair)]
    between = sorted(line.between(*pair) for line in both)
    if not both or between[:1] == between[1:2]:
        first, last = pair
        raise table.error(key, f"{len(both)} lines join {first} and {last}, not one.")
    return min(both, key=lambda line: line.between(*pair))


def _strokes(table: reference_data.Entry, key: str, lines: Lines) -> str:
    names = table.text(key).split()
    for name in names:
        if name not in lines:
            raise table.error(key, f"{name!r} is not a line.")
    halves = [lines[name].curve for name in names]
    return "".join(
        curves.open_path([curve])
        for half in halves
        for curve in (half, half.mirrored())
    )


def _box(table: reference_data.Entry) -> Box:
    try:
        left, top, width, height = map(int, table.text("box").split())
    except ValueError:
        raise table.error("box", "must be left, top, width and height.") from None
    return left, top, width, height
