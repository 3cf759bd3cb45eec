"""How it went for a person: worsened, no meaningful change, improved, no answer.

Each has a fill, a mark and a word of its own, so that none is told by colour alone.
Benefits and harms get the same room and the same size of type.
"""

from dataclasses import dataclass
from enum import StrEnum

from outcomes.dashboards.charts import geometry


class Part(StrEnum):
    """In the order in which they are drawn, from the left."""

    WORSENED = "worsened"
    UNCHANGED = "unchanged"
    IMPROVED = "improved"
    UNANSWERED = "unanswered"


ANSWERED = (Part.WORSENED, Part.UNCHANGED, Part.IMPROVED)


@dataclass(frozen=True, slots=True)
class PartWords:
    """What the parts are called; a page for patients gives its own language."""

    worsened: str = "worsened"
    unchanged: str = "no meaningful change"
    improved: str = "improved"
    unanswered: str = "did not answer"
    too_few: str = "too few for a rate"
    hidden: str = "hidden, so that fewer than 10 people cannot be told apart"
    of: str = "of"

    def of_part(self, part: Part) -> str:
        return {
            Part.WORSENED: self.worsened,
            Part.UNCHANGED: self.unchanged,
            Part.IMPROVED: self.improved,
            Part.UNANSWERED: self.unanswered,
        }[part]


ENGLISH = PartWords()


def fill(part: Part, drawing: str) -> str:
    """Attributes of a bar; drawing is the id of the one that holds the pattern."""
    looks = {
        Part.WORSENED: f'fill="url(#{drawing}-hatch)" stroke="#b4551d"',
        Part.UNCHANGED: 'fill="#ccd3d6" stroke="#9aa7ae"',
        Part.IMPROVED: 'fill="#0b6b74" stroke="#0b6b74"',
        Part.UNANSWERED: 'fill="#ffffff" stroke="#9aa7ae" stroke-dasharray="3 3"',
    }
    return f'class="part-{part}" {looks[part]}'


def person(part: Part, path: str) -> str:
    """The mark of one person, by its path."""
    looks = {
        Part.WORSENED: 'fill="#b4551d" stroke="#b4551d"',
        Part.UNCHANGED: 'fill="#ffffff" stroke="#0b6b74"',
        Part.IMPROVED: 'fill="#0b6b74" stroke="#0b6b74"',
        Part.UNANSWERED: 'fill="none" stroke="#55636d"',
    }
    return f'<path d="{path}" class="person-{part}" {looks[part]} stroke-width="1.75"/>'


def mark(part: Part, x: float, y: float, radius: float) -> str:
    """One person: a triangle that points down, a dot, or a cross."""
    if part == Part.UNANSWERED:
        return geometry.cross(x, y, radius)
    shape = "down" if part == Part.WORSENED else "circle"
    return geometry.mark(shape, x, y, radius)
