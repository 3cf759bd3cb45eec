"""The lines of a chart over time as markup: see `svg` for why not by a template."""

import html
from collections.abc import Iterable, Iterator

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import svg
from outcomes.dashboards.charts.over_time.series import (
    Counts,
    EndLabel,
    PlottedMean,
    PlottedSeries,
    Whisker,
)
from outcomes.dashboards.charts.over_time.view import PopulationView


def lines(view: PopulationView) -> SafeString:
    """Intervals behind everything, then the lines with their marks, then names."""
    return svg.join(
        [
            *map(_intervals, view.series),
            *map(_line, view.series),
            *(_end(end, view.layout.label_size) for end in view.ends),
            *(_counts(one, one.counts, view.layout.left) for one in view.series),
        ]
    )


def _intervals(one: PlottedSeries) -> str:
    color = one.style.color
    bands = (
        f'<path d="{band}" class="chart-band" fill="{color}" fill-opacity="0.1"/>'
        for band in one.bands
    )
    whiskers = (
        f'<path d="{_whisker(each)}" class="chart-whisker" fill="none" '
        f'stroke="{color}" stroke-width="1.25" stroke-opacity="0.5"/>'
        for each in one.whiskers
    )
    return _group(one.style.token, [*bands, *whiskers])


def _whisker(one: Whisker) -> str:
    """With an arrow where it goes on past the plot."""
    x, top, bottom = one.x, one.top, one.bottom
    drawn = f"M{x} {top}V{bottom}"
    if one.is_cut_above:
        drawn += f"M{x - 4:g} {top + 5:g}L{x} {top}L{x + 4:g} {top + 5:g}"
    if one.is_cut_below:
        drawn += f"M{x - 4:g} {bottom - 5:g}L{x} {bottom}L{x + 4:g} {bottom - 5:g}"
    return drawn


def _group(token: int, parts: Iterable[str], rest: str = "", classes: str = "") -> str:
    return f'<g class="series-{token}{classes}"{rest}>{"".join(parts)}</g>\n'


def _line(one: PlottedSeries) -> str:
    return _group(
        one.style.token,
        [_path(one, one.line, 2.5), *_points(one)],
        f' data-series="{html.escape(one.key)}"',
    )


def _path(one: PlottedSeries, path: str, width: float) -> str:
    if not path:
        return ""
    dash = f' stroke-dasharray="{one.style.dash}"' if one.style.dash else ""
    return (
        f'<path d="{path}" class="chart-line" fill="none" stroke="{one.style.color}" '
        f'stroke-width="{width}" stroke-linejoin="round"{dash}/>'
    )


def _points(one: PlottedSeries) -> Iterator[str]:
    for point in one.points:
        yield svg.point(
            point.row.data,
            point.row.spoken,
            svg.round_hit(point.x, point.y) + _mark(point, one.style.color),
            " is-hollow" if point.row.is_few else "",
        )


def _mark(point: PlottedMean, color: str) -> str:
    """Hollow where people are too few for a rate."""
    return svg.mark(point.mark, color, is_hollow=point.row.is_few)


def _end(end: EndLabel, size: float) -> str:
    look = f'class="chart-end" fill="{end.style.color}" '
    look += f'font-size="{size}" font-weight="650"'
    leader = (
        f'<path d="{end.leader}" class="chart-leader" fill="none" stroke="#9aa7ae" '
        'stroke-width="1" stroke-dasharray="1 3"/>'
        if end.leader
        else ""
    )
    named = svg.down(end.lines, end.x, look)
    return _group(end.style.token, [leader, named], ' aria-hidden="true"')


def _counts(one: PlottedSeries, counts: Counts, left: float) -> str:
    color = one.style.color
    return _group(
        one.style.token,
        [
            _path(one, counts.key_line, 2),
            svg.mark(counts.key_mark, color, is_hollow=False, width=1.5),
            svg.text(counts.label_x, counts.label_y, counts.label),
            svg.text(left, counts.y, "n", f'dx="-8" text-anchor="end" {svg.MUTED}'),
            svg.along(counts.cells, counts.y),
        ],
        classes=" chart-counts",
    )
