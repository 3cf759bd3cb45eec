"""Of whom a file tells: read from an address or a body, and kept as JSON."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Min, QuerySet

from clinic import clock
from clinic.models import Clinic, User
from outcomes.dashboards import statistics
from outcomes.dashboards.export.disguise import MOST_WEEKS
from outcomes.dashboards.figures import choices, counting
from outcomes.dashboards.figures.choices import Choices
from outcomes.models import EpisodeProfile, Measure, OutcomeFact

# As long as dates are moved: a shorter period would tell what the shift hides.
SHORTEST_PERIOD = timedelta(weeks=2 * MOST_WEEKS)
# All that is counted stands in the file, by whatever it is grouped and judged.
NO_DIFFERENCE = ("by", "rule", "day")


def read(user: User, data: Mapping[str, Any]) -> Choices:
    """At most four queries; without a measure, of all. ValidationError says by name."""
    told = {
        name: value
        for name, value in choices.single(data).items()
        if name in choices.NAMES and name not in NO_DIFFERENCE
    }
    chosen, measure, _ = choices.read(user, told)
    is_of_one = bool(told.get("measure"))
    choices.check_groups(chosen, choices.options(user, measure if is_of_one else None))
    _check_period(user, chosen)
    return replace(chosen, measure=measure.key if is_of_one else "")


def _check_period(user: User, chosen: Choices) -> None:
    if (chosen.begins_on, chosen.ends_on) == (None, None) or user.membership is None:
        return
    profiles = EpisodeProfile.objects.visible_to(user)
    first = chosen.begins_on or profiles.aggregate(first=Min("began_on"))["first"]
    last = chosen.ends_on or clock.today(user.membership.clinic.zone)
    if first is not None and last - first < SHORTEST_PERIOD:
        raise ValidationError(
            {
                "from": "Choose a period of a year or more, or none: dates are shifted "
                "by up to half a year, and a shorter period would tell the true ones."
            }
        )


def facts(clinic: Clinic, chosen: Choices) -> QuerySet[OutcomeFact]:
    """With those that lie at no canonical day: the file has every time point.

    For the worker, who is nobody; whoever asked was let in.
    """
    found = OutcomeFact.objects.filter(clinic=clinic)
    if chosen.measure:
        measures = Measure.objects.filter(clinic=clinic, key=chosen.measure)
        found = found.filter(measure__in=measures.values("pk"))
    return counting.narrowed(found, chosen)


def as_json(chosen: Choices) -> dict[str, Any]:
    """By the names of an address; what is not chosen is left out."""
    told: dict[str, Any] = {
        "measure": chosen.measure or None,
        "baseline_from": chosen.baseline_from,
        "added": chosen.added or None,
        "from": _iso(chosen.begins_on),
        "until": _iso(chosen.ends_on),
        **{name: key or choices.NONE for name, key in chosen.narrowed.items()},
    }
    return {name: value for name, value in told.items() if value is not None}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def of_json(kept: Mapping[str, Any]) -> Choices:
    days = {name: date.fromisoformat(kept[name]) for name in PERIOD if name in kept}
    return Choices(
        measure=kept.get("measure", ""),
        baseline_from=kept.get("baseline_from"),
        added=kept.get("added", ""),
        begins_on=days.get("from"),
        ends_on=days.get("until"),
        narrowed={
            name: "" if key == choices.NONE else key
            for name, key in kept.items()
            if name not in _OWN
        },
    )


PERIOD = ("from", "until")
_OWN = (*PERIOD, "measure", "baseline_from", "added")


def in_words(kept: Mapping[str, Any]) -> str:
    """For whoever gets the file: not the days of a period, which dates are moved by."""
    told = [f"{name}={value}" for name, value in kept.items() if name not in PERIOD]
    if any(name in kept for name in PERIOD):
        told.append("a period (its days are not told)")
    return ", ".join(told) or "everybody, every measure"


def few(n: int) -> str:
    """A number of rows or courses as who may not see few is told of it."""
    limit = statistics.SMALLEST_SHOWN_CELL
    return f"fewer than {limit}" if statistics.is_too_few(n) else f"{n:,}"
