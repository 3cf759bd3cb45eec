"""Providers beside each other, as far as chance alone does not explain it."""

from dataclasses import dataclass

from clinic.models import User
from outcomes.dashboards import charts
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import dimensions, population
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.statistics import funnel as limits


@dataclass(frozen=True, slots=True)
class Funnel:
    """`left_out` providers had too few answers to be plotted."""

    chart: charts.FunnelChart | None
    left_out: int
    smallest: int = limits.SMALLEST_PLOTTED_GROUP


def of(user: User, found: Figures) -> Funnel | None:
    """None where nobody may be compared: one provider alone, or no rule."""
    together = found.together.at(found.day) if found.together else None
    whole = together.result.responders if together and together.result else None
    if whole is None or not whole.rate:
        return None
    rates = {
        key: result.responders
        for key, result in population.providers(user, found).items()
        if key and result.responders and result.responders.answered
    }
    plotted = {
        key: one
        for key, one in rates.items()
        if one.answered >= limits.SMALLEST_PLOTTED_GROUP
    }
    if len(rates) < 2:
        return None
    left_out = len(rates) - len(plotted)
    if not plotted:
        return Funnel(None, left_out)
    names = dimensions.words(user, "provider", plotted)
    points = [
        charts.FunnelPoint(
            key, names[key], one.answered, one.rate, is_own=key == str(user.pk)
        )
        for key, one in sorted(plotted.items(), key=lambda each: names[each[0]])
    ]
    chart = charts.funnel_chart(
        points,
        _limits(whole.rate, max(one.answered for one in plotted.values())),
        centre=whole.rate,
        chart_id="funnel",
        title=f"Improved at {text.day_words(found.day or 0)}, by provider",
    )
    return Funnel(chart, left_out)


def _limits(centre: float, largest: int) -> list[charts.FunnelLimit]:
    """At each n that can be plotted."""
    sizes = range(limits.SMALLEST_PLOTTED_GROUP, largest + 1)
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
