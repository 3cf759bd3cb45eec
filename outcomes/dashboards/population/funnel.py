"""The funnel of the page: each provider's rate against how many answered."""

import math
from dataclasses import dataclass

from clinic.models import User
from outcomes.dashboards import charts
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import funnel
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.statistics import funnel as limits

# Steps of the curves; between two a difference could not be seen.
MOST_STEPS = 80


@dataclass(frozen=True, slots=True)
class Funnel:
    chart: charts.FunnelChart | None
    left_out: int
    smallest: int = funnel.SMALLEST


def of(user: User, figures: Figures) -> Funnel | None:
    """None where nobody is compared: one provider alone, or no rule."""
    found = funnel.read(user, figures)
    if not found.is_comparison or found.centre is None:
        return None
    if not found.providers:
        return Funnel(None, found.left_out)
    points = [
        charts.FunnelPoint(
            one.key,
            one.label,
            one.responders.answered,
            one.responders.rate,
            is_own=one.key == str(user.pk),
        )
        for one in found.providers
    ]
    chart = charts.funnel_chart(
        points,
        _limits(found.centre, [one.responders.answered for one in found.providers]),
        centre=found.centre,
        chart_id="funnel",
        title=f"Improved at {text.day_words(figures.day or 0)}, by provider",
    )
    return Funnel(chart, found.left_out)


def _limits(centre: float, plotted: list[int]) -> list[charts.FunnelLimit]:
    """At each n that is plotted, and enough between them for a curve."""
    sizes = sorted({*plotted, *_between(funnel.SMALLEST, max(plotted))})
    inner = limits.curve(centre, sizes, limits.WARNING_LEVEL)
    outer = limits.curve(centre, sizes, limits.ALARM_LEVEL)
    return [
        charts.FunnelLimit(
            one.n,
            inner=(one.low_rate, one.high_rate),
            outer=(far.low_rate, far.high_rate),
        )
        for one, far in zip(inner, outer, strict=True)
    ]


def _between(first: int, last: int) -> list[int]:
    """Closer together where the curves bend: limits fall with the root of n."""
    if last - first < MOST_STEPS:
        return list(range(first, last + 1))
    low, high = 1 / math.sqrt(last), 1 / math.sqrt(first)
    steps = range(MOST_STEPS + 1)
    return [round((low + (high - low) * k / MOST_STEPS) ** -2) for k in steps]
