"""The points of a funnel as markup: see `svg` for why not by a template."""

import html

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import svg
from outcomes.dashboards.charts.groups.funnel import FunnelView, Label, PlottedPoint
from outcomes.dashboards.charts.groups.funnel_rows import Place

OWN, WITHIN, BEYOND = "#0b6b74", "#9aa7ae", "#17242c"


def drawn(view: FunnelView) -> SafeString:
    """Lines to the names first, then the marks, then the names over everything."""
    labels = [(one, one.label) for one in view.points if one.label]
    leaders = (_leader(label) for _, label in labels if label.leader)
    names = (_name(one, label, view.layout.note_size) for one, label in labels)
    marks = "\n".join(map(_point, view.points))
    return svg.join([*leaders, f'<g data-series="points">{marks}</g>', *names])


def _leader(label: Label) -> str:
    return (
        f'<path d="{label.leader}" class="chart-leader" stroke="#9aa7ae" '
        'stroke-width="1"/>'
    )


def _point(one: PlottedPoint) -> str:
    row = one.row
    return svg.point(
        row.data,
        row.spoken,
        f'{svg.round_hit(one.x, one.y)}<path d="{one.mark}" fill="{_color(one)}" '
        'class="funnel-mark"/>',
        f" funnel-{row.place}{' is-own' if row.point.is_own else ''}",
    )


def _color(one: PlottedPoint) -> str:
    if one.row.point.is_own:
        return OWN
    return WITHIN if one.row.place == Place.INSIDE else BEYOND


def _name(one: PlottedPoint, label: Label, size: float) -> str:
    weight = ' font-weight="650"' if one.row.point.is_own else ""
    return (
        f'<text x="{label.x}" y="{label.y}" dy="0.35em" text-anchor="{label.anchor}" '
        'class="chart-halo" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" '
        f'paint-order="stroke" font-size="{size}"{weight} aria-hidden="true">'
        f"{html.escape(label.text)}</text>\n"
    )
