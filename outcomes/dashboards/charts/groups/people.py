"""Single people of a group too small for a rate: a mark each, by how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import parts, svg
from outcomes.dashboards.charts.groups import share_rows
from outcomes.dashboards.charts.groups.share_rows import ShareRow
from outcomes.dashboards.charts.parts import ENGLISH, Part, PartWords

PITCH, RADIUS = 19.0, 6.0
# From one way that it went to the next.
GAP = 10.0
# More of one kind stand as one mark with their number: a row of forty crosses would
# outweigh everybody who answered.
MOST_MARKS = 9


@dataclass(frozen=True, slots=True)
class People:
    """Those of one part: their marks, and their number where one mark is for all."""

    part: Part
    data: SafeString
    spoken: str
    marks: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    number: str
    number_x: float


def of_row(
    row: ShareRow, x: float, middle: float, words: PartWords = ENGLISH
) -> tuple[People, ...]:
    """From x to the right, in the order of the bars and of the words."""
    drawn = []
    for part in Part:
        n = row.counts[part]
        if n:
            one = _people(row, part, n, x, middle, words)
            drawn.append(one)
            x = one.x + one.width + GAP
    return tuple(drawn)


def _people(
    row: ShareRow, part: Part, n: int, x: float, middle: float, words: PartWords
) -> People:
    shown = n if n <= MOST_MARKS else 1
    number = "" if shown == n else f"× {n}"
    number_x = round(x + PITCH + 2, 1)
    marks = (
        parts.mark(part, round(x + PITCH * (place + 0.5), 1), middle, RADIUS)
        for place in range(shown)
    )
    return People(
        part=part,
        data=row.data(part),
        spoken=share_rows.spoken(row, part, words),
        marks=tuple(marks),
        x=round(x, 1),
        y=round(middle - PITCH / 2, 1),
        width=PITCH * shown + (10.0 * len(number) if number else 0),
        height=PITCH,
        number=number,
        number_x=number_x,
    )


@dataclass(frozen=True, slots=True)
class PersonDots:
    """Inline chart of a few people, for a line of a table."""

    template_name: ClassVar[str] = "outcomes/charts/person_dots.svg"
    height: ClassVar[int] = 24

    row: ShareRow
    description: str
    width: float
    people: tuple[People, ...]


def person_dots(row: ShareRow, *, words: PartWords = ENGLISH) -> PersonDots:
    """A mark a person; ValueError for a group that is large enough for a rate."""
    if not row.is_few:
        raise ValueError(
            f"{row.label} has {row.answered} answers: show a rate, not single people"
        )
    drawn: Sequence[People] = () if row.is_hidden else of_row(row, 0, 12, words)
    return PersonDots(
        row=row,
        description=f"{row.label}: {share_rows.row_words(row, words)}",
        width=max([PITCH, *(one.x + one.width for one in drawn)]),
        people=tuple(drawn),
    )


def marks(one: People) -> str:
    shapes = "".join(parts.person(one.part, mark) for mark in one.marks)
    if one.number:
        size = f'dy="14" font-size="13" {svg.MUTED}'
        shapes += svg.text(one.number_x, one.y, one.number, size)
    room = svg.hit(one.x, one.y, one.width, one.height)
    return svg.point(one.data, one.spoken, shapes + room)
