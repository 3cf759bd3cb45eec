"""By how much people changed: steps of change, their side and their words.

A change is the later value less the baseline, in points of the measure. A step away
from nought includes its end that is nearer to nought and not the farther one: (2, 3)
holds 2 and not 3, (-3, -2) holds -2 and not -3; a step that spans nought holds neither
end. So an end that stands on the meaningful change counts as meaningful, as the rules
ask (equality counts). A step with equal ends is that one value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards import statistics
from outcomes.dashboards.charts import tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.parts import Part
from outcomes.dashboards.charts.tables import Cell, TableRow
from outcomes.dashboards.statistics import Direction

# (low, high, people); people is None where it must stay hidden.
Step = tuple[float, float, int | None]


@dataclass(frozen=True, slots=True)
class DistributionGroup:
    """How many people of a group changed by how much, from the lowest step up."""

    key: str
    label: str
    steps: Sequence[Step]

    @property
    def is_hidden(self) -> bool:
        """One hidden count hides all: the others would give it away."""
        return any(n is None for _, _, n in self.steps)

    @property
    def n(self) -> int:
        return sum(n or 0 for _, _, n in self.steps)

    @property
    def is_few(self) -> bool:
        return not self.is_hidden and statistics.is_too_few(self.n)


@dataclass(frozen=True, slots=True)
class StepRow:
    """What a bar and its line in the table both show."""

    key: str
    group: str
    low: float
    high: float
    n: int | None
    of: int
    part: Part
    words: str

    @property
    def share(self) -> float | None:
        """Of the group; None where people are too few for a rate."""
        if self.n is None or self.of < statistics.SMALLEST_SHOWN_CELL:
            return None
        return self.n / self.of

    @property
    def share_text(self) -> str:
        if self.share is None:
            return tables.HIDDEN if self.n is None else chart_text.UNDEFINED
        return f"{100 * self.share:.1f} %"

    @property
    def data(self) -> SafeString:
        return tables.attributes(
            f"{self.key} {self.low} {self.high}",
            low=self.low,
            high=self.high,
            n=self.n,
            part=self.part,
        )

    @property
    def spoken(self) -> str:
        people = "1 person" if self.n == 1 else f"{self.n} people"
        share = "" if self.share is None else f" ({self.share_text})"
        return f"{self.group}: {self.words}, {people} of {self.of}{share}"


def rows_of(
    group: DistributionGroup, meaningful: float | None, better_is: Direction
) -> tuple[StepRow, ...]:
    is_hidden, total = group.is_hidden, group.n
    return tuple(
        StepRow(
            key=group.key,
            group=group.label,
            low=low,
            high=high,
            n=None if is_hidden else n,
            of=total,
            part=part_of(low, high, meaningful, better_is),
            words=words_of(low, high, better_is),
        )
        for low, high, n in group.steps
    )


def part_of(
    low: float, high: float, meaningful: float | None, better_is: Direction
) -> Part:
    """A step is improved or worsened where all of it is, by the meaningful change.

    Without one, every change from nought counts.
    """
    if low < 0 < high or low == high == 0:
        return Part.UNCHANGED
    nearer = low if low >= 0 else -high
    if nearer < (meaningful or 0) - 1e-9:
        return Part.UNCHANGED
    return Part.IMPROVED if (low < 0) == (better_is == "lower") else Part.WORSENED


def words_of(low: float, high: float, better_is: Direction) -> str:
    """Such as "better by 2 to under 3"."""
    if low == high == 0:
        return "no change"
    below, above = ("better", "worse") if better_is == "lower" else ("worse", "better")
    near, far = (chart_text.number(one) for one in sorted((abs(low), abs(high))))
    if low < 0 < high:
        ends = chart_text.number(-low), chart_text.number(high)
        return f"less than {ends[0]} {below} and less than {ends[1]} {above}"
    side = below if low < 0 else above
    return f"{side} by {near}" if low == high else f"{side} by {near} to under {far}"


def table_row(row: StepRow) -> TableRow:
    return TableRow(
        row.group,
        (Cell(row.words), Cell(tables.count(row.n)), Cell(row.share_text)),
        row.data,
    )
