"""The repeated parts of drawings as markup.

A page of eight groups holds a thousand labels and marks. A template takes tens of
milliseconds for their loops; here they take a few. What stands once stays in the
templates. Numbers are written as Python writes them, in every language.
"""

import html
from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from outcomes.dashboards.charts.geometry import Tick

MUTED = 'class="chart-muted" fill="#55636d"'


def join(parts: Iterable[str]) -> SafeString:
    """Of markup which the functions below made, and of nothing else."""
    return mark_safe("".join(parts))  # noqa: S308


def text(x: float, y: float, label: str, rest: str = "") -> str:
    """rest are attributes in full; they come from the charts, never from data."""
    return f'<text x="{x}" y="{y}" {rest}>{html.escape(label)}</text>'


def along(ticks: Iterable[Tick], y: float, rest: str = MUTED) -> str:
    """Labels about their places on a line that lies."""
    rest = f'text-anchor="middle" {rest}'
    return "".join(text(tick.at, y, tick.label, rest) for tick in ticks)


def down(ticks: Iterable[Tick], x: float, rest: str = "") -> str:
    """Labels under each other, by their baselines."""
    return "".join(text(x, tick.at, tick.label, rest) for tick in ticks)


def grid(
    ticks: Iterable[Tick], left: float, right: float, rest: str = MUTED
) -> SafeString:
    """Lines across a plot, each with its value before it."""
    before = f'dx="-8" dy="0.35em" text-anchor="end" {rest}'
    return join(
        f'<path d="M{left} {tick.at}H{right}" class="chart-grid" stroke="#e1e5e4" '
        f'stroke-width="1"/>{text(left, tick.at, tick.label, before)}'
        for tick in ticks
    )


def point(data: SafeString, spoken: str, inner: str, classes: str = "") -> str:
    """A mark which can be pointed at and focused; it says its numbers."""
    return (
        f'<g class="chart-point{classes}" role="img" tabindex="0" {data}>'
        f"<title>{html.escape(spoken)}</title>{inner}</g>"
    )


def round_hit(x: float, y: float) -> str:
    """The room about a mark by which a finger finds it."""
    return (
        f'<circle class="chart-hit" cx="{x}" cy="{y}" r="12" fill="none" '
        'pointer-events="all"/>'
    )


def hit(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="chart-hit" x="{x}" y="{y}" width="{width}" height="{height}" '
        'fill="none" pointer-events="all"/>'
    )


def mark(path: str, color: str, *, is_hollow: bool, width: float = 1.75) -> str:
    return (
        f'<path d="{path}" class="chart-mark" '
        f'fill="{"#ffffff" if is_hollow else color}" stroke="{color}" '
        f'stroke-width="{width}" stroke-linejoin="round"/>'
    )
