"""How many people changed by how much: bars a group, all on one scale.

Means hide that some got worse while most got better; here both sides are drawn.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.groups import distribution_panels, steps
from outcomes.dashboards.charts.groups.distribution_panels import Layout, Panel, Scales
from outcomes.dashboards.charts.groups.steps import DistributionGroup, StepRow
from outcomes.dashboards.charts.tables import Column, Table
from outcomes.dashboards.statistics import Direction, Number

GroupRows = tuple[DistributionGroup, tuple[StepRow, ...]]


WIDE = Layout("wide", 840, 2, 47, 30, 112, 14.5, 13)
COMPACT = Layout("compact", 360, 1, 46, 0, 104, 14.5, 13)
LAYOUTS = (WIDE, COMPACT)
# From the foot of a panel to the name of the one under it.
BETWEEN = 26.0


@dataclass(frozen=True, slots=True)
class DistributionView:
    layout: Layout
    height: float
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class DistributionChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/distribution.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[StepRow, ...]
    views: tuple[DistributionView, ...]

    @property
    def table(self) -> Table:
        return tables.table(
            self.title,
            [
                Column("Group", is_number=False),
                Column("Change", is_number=False),
                Column("People"),
                Column("Share"),
            ],
            [steps.table_row(row) for row in self.rows],
        )


def distribution_chart(
    groups: Sequence[DistributionGroup],
    *,
    chart_id: str,
    title: str,
    better_is: Direction,
    meaningful: Number | None = None,
) -> DistributionChart:
    """Small multiples, a panel a group in the order given, shares on one scale.

    `meaningful` is the meaningful change in points, above nought; choose steps that
    end on it (see `steps`). ValueError where a step ends before it starts.
    """
    needed = None if meaningful is None else float(meaningful)
    for group in groups:
        _check(group)
    per_group = [(one, steps.rows_of(one, needed, better_is)) for one in groups]
    rows = tuple(row for _, some in per_group for row in some)
    scales = _scales(rows, needed, better_is) if rows else None
    return DistributionChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(_sentence(*one) for one in per_group),
        notes=tuple(_notes(per_group, needed)),
        rows=rows,
        views=tuple(_view(layout, per_group, scales) for layout in LAYOUTS)
        if scales
        else (),
    )


def _check(group: DistributionGroup) -> None:
    for low, high, n in group.steps:
        if low > high or (n is not None and n < 0):
            raise ValueError(
                f"{group.label}: a step of {n} people from {low} to {high} cannot be"
            )


def _notes(per_group: Sequence[GroupRows], needed: float | None) -> Iterator[str]:
    yield "bars: share of a group"
    if needed is not None:
        points = f"{chart_text.number(needed)} point{'' if needed == 1 else 's'}"
        yield f"dashed: the meaningful change, {points}"
    if any(group.is_few for group, _ in per_group):
        yield "fewer than 10 people: a mark each"


def _sentence(group: DistributionGroup, rows: Sequence[StepRow]) -> str:
    if group.is_hidden:
        return f"{group.label}: {tables.HIDDEN_WORDS}."
    if not group.n:
        return f"{group.label}: nobody answered."
    counts = distribution_panels.counts_of(rows)
    told = ", ".join(
        distribution_panels.phrase(group, part, n) for part, n in counts.items()
    )
    few = ", too few for a rate" if group.is_few else ""
    return f"{group.label}: {told}, of {group.n}{few}."


def _scales(
    rows: Sequence[StepRow], needed: float | None, better_is: Direction
) -> Scales:
    unit = _unit([row.low for row in rows if row.low == row.high])
    thresholds: tuple[float, ...] = ()
    if needed:
        # Between two single values the line stands half way, clear of both bars.
        inner = needed - unit / 2 if unit else needed
        thresholds = (-inner, inner)
    low = min(*(row.low for row in rows), *thresholds, 0) - unit / 2
    high = max(*(row.high for row in rows), *thresholds, 0) + unit / 2
    if low == high:
        low, high = -1.0, 1.0
    most = max((row.share or 0 for row in rows), default=0)
    shares = geometry.even_ticks(0, most) if most else ()
    return Scales(low, high, unit, _every_other(shares), thresholds, better_is)


def _every_other(ticks: tuple[float, ...]) -> tuple[float, ...]:
    """At most four lines, from nought: bars need little to be read by."""
    if len(ticks) < 5:
        return ticks
    if len(ticks) % 2:
        return ticks[::2]
    past = 2 * ticks[-1] - ticks[-2]
    return (*ticks[::2], past) if past <= 1 else (0, 0.5, 1)


def _unit(values: Sequence[float]) -> float:
    """The least gap between single values; 0 where steps have a width of their own."""
    ordered = sorted(set(values))
    if not ordered:
        return 0.0
    return min((b - a for a, b in itertools.pairwise(ordered)), default=1.0)


def _view(
    layout: Layout, per_group: Sequence[GroupRows], scales: Scales
) -> DistributionView:
    columns = min(layout.columns, len(per_group))
    width = (layout.width - layout.gap * (columns - 1)) / columns
    panels: list[Panel] = []
    top = 0.0
    for first in range(0, len(per_group), columns):
        line = per_group[first : first + columns]
        named = [
            distribution_panels.name_of(
                layout, group, rows, place * (width + layout.gap), top, width
            )
            for place, (group, rows) in enumerate(line)
        ]
        plot_top = max(name.bottom for name in named) + layout.note_size + 22
        panels += [
            distribution_panels.panel(
                layout, scales, group, rows, name, plot_top, width
            )
            for name, (group, rows) in zip(named, line, strict=True)
        ]
        top = panels[-1].ticks_y + BETWEEN
    return DistributionView(layout, round(top - BETWEEN + 8, 1), tuple(panels))
