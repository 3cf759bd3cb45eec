"""Smooth curves through points, and how SVG writes them."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
# Two handles and the end; the start is the end of the piece before.
Piece = tuple[Point, Point, Point]
Step = tuple[int, int]
# Units by which a handle may be off to be left out, because it then mirrors the one
# before it (s) or the piece is a straight line (l): a seventh of the pictures' weight.
OFF = 2
STRAIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Curve:
    start: Point
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> Point:
        return self.pieces[-1][2]

    @property
    def nodes(self) -> tuple[Point, ...]:
        return (self.start, *(end for _, _, end in self.pieces))

    def part(self, first: int, last: int) -> "Curve":
        """From one node to another, in either direction."""
        if first > last:
            return self.part(last, first).backwards()
        return Curve(self.nodes[first], self.pieces[first:last])

    def backwards(self) -> "Curve":
        ends = zip(self.nodes, self.pieces, strict=False)
        pieces = tuple((second, first, start) for start, (first, second, _) in ends)
        return Curve(self.end, pieces[::-1])

    def mirrored(self) -> "Curve":
        """On the other side of the midline, x = 0."""
        pieces = tuple((_flip(a), _flip(b), _flip(c)) for a, b, c in self.pieces)
        return Curve(_flip(self.start), pieces)


def through(points: Sequence[Point]) -> Curve:
    """A centripetal Catmull-Rom curve, which neither loops nor overshoots.

    A curve that ends on the midline crosses it at a right angle, so that it goes on
    smoothly in its mirror image.
    """
    around = [
        _beyond(points[0], points[1]),
        *points,
        _beyond(points[-1], points[-2]),
    ]
    pieces = tuple(
        (_handle(before, start, end), _handle(after, end, start), end)
        for before, start, end, after in zip(
            around, around[1:], around[2:], around[3:], strict=False
        )
    )
    return Curve(points[0], pieces)


def closed_path(curves: Iterable[Curve]) -> str:
    """An SVG path in whole units; each curve begins where the one before it ends."""
    return open_path(curves) + "z"


def open_path(curves: Iterable[Curve]) -> str:
    curves = list(curves)
    x, y = map(round, curves[0].start)
    words = [f"M{x} {y}"]
    mirror: Step | None = None
    for piece in itertools.chain.from_iterable(curve.pieces for curve in curves):
        first, second, end = ((round(px) - x, round(py) - y) for px, py in piece)
        if _is_straight(first, end) and _is_straight(second, end):
            words.append("l" + _numbers(end))
            mirror = None
        else:
            is_mirrored = mirror is not None and math.dist(first, mirror) <= OFF
            words.append(
                "s" + _numbers(second, end)
                if is_mirrored
                else "c" + _numbers(first, second, end)
            )
            mirror = end[0] - second[0], end[1] - second[1]
        x, y = x + end[0], y + end[1]
    return "".join(words)


def bounds(curves: Iterable[Curve]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the nodes."""
    nodes = [node for curve in curves for node in curve.nodes]
    across, down = [x for x, _ in nodes], [y for _, y in nodes]
    return round(min(across)), round(min(down)), round(max(across)), round(max(down))


def _is_straight(handle: Step, end: Step) -> bool:
    across = handle[0] * end[1] - handle[1] * end[0]
    return abs(across) <= STRAIGHT * math.hypot(*end)


def _numbers(*steps: Step) -> str:
    return " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")


def _flip(point: Point) -> Point:
    return -point[0], point[1]


def _beyond(end: Point, inner: Point) -> Point:
    return _flip(inner) if end[0] == 0 else end


def _handle(before: Point, here: Point, after: Point) -> Point:
    """The Bezier handle at `here` towards `after` (Yuksel 2011, alpha 1/2)."""
    a, b = math.dist(before, here) ** 0.5, math.dist(here, after) ** 0.5
    if a == 0:
        return _weighed((here, 2 / 3), (after, 1 / 3))
    whole = 3 * a * (a + b)
    return _weighed(
        (after, a * a / whole),
        (before, -b * b / whole),
        (here, (2 * a * a + 3 * a * b + b * b) / whole),
    )


def _weighed(*shares: tuple[Point, float]) -> Point:
    return (
        sum(point[0] * weight for point, weight in shares),
        sum(point[1] * weight for point, weight in shares),
    )
