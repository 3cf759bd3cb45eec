"""Providers beside each other, as far as chance alone does not explain it."""

from dataclasses import dataclass

from clinic.models import User
from outcomes.dashboards.figures import population
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.statistics import Responders, funnel

SMALLEST = funnel.SMALLEST_PLOTTED_GROUP


@dataclass(frozen=True, slots=True)
class Provider:
    key: str
    label: str
    responders: Responders
    warning: funnel.Limits
    alarm: funnel.Limits


@dataclass(frozen=True, slots=True)
class Funnel:
    """By name, and never by rate. `left_out` have too few answers to be compared;
    `centre` is the rate of all, None where nobody may be compared at all.
    """

    figures: Figures
    centre: float | None
    providers: tuple[Provider, ...]
    left_out: int

    @property
    def is_comparison(self) -> bool:
        return self.centre is not None and len(self.providers) + self.left_out > 1


def read(user: User, found: Figures) -> Funnel:
    """At most two queries more than the figures took."""
    whole = _whole(found)
    if whole is None or whole.rate is None:
        return Funnel(found, None, (), 0)
    rates = {
        key: result.responders
        for key, result in population.providers(user, found).items()
        if key and result.responders and result.responders.answered
    }
    told = {key: one for key, one in rates.items() if one.answered >= SMALLEST}
    names = found.there_are.named("provider")
    providers = [
        Provider(
            key,
            names[key],
            one,
            funnel.limits(whole.rate, one.answered, funnel.WARNING_LEVEL),
            funnel.limits(whole.rate, one.answered, funnel.ALARM_LEVEL),
        )
        for key, one in told.items()
    ]
    by_name = sorted(providers, key=lambda each: (each.label, each.key))
    return Funnel(found, whole.rate, tuple(by_name), len(rates) - len(told))


def _whole(found: Figures) -> Responders | None:
    point = found.together.at(found.day) if found.together else None
    return point.result.responders if point and point.result else None
