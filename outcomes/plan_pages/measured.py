"""Dated values of what goals aim at: answered in surveys, or taken in the clinic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from outcomes.models import Score
from outcomes.plan_pages.attainment import Value
from plans.models import LifestyleMeasurement

WEIGHT, BMI, MINUTES = "weight_kg", "bmi", "active_minutes_week"

Course = dict[str, list[Value]]


def course(
    scores: Iterable[Score],
    measurements: Iterable[LifestyleMeasurement],
    heights: Mapping[UUID, Decimal],
) -> Course:
    """By measure and in time order; heights by the intervention that recorded them."""
    found: Course = defaultdict(list)
    for score in scores:
        found[score.measure.key].append(Value(score.measured_on, score.value))
    for taken in measurements:
        for key, value in _taken(taken, heights.get(taken.intervention_id)):
            found[key].append(Value(taken.measured_on, value))
    for values in found.values():
        values.sort(key=lambda each: each.on)
    return found


def _taken(
    taken: LifestyleMeasurement, height_cm: Decimal | None
) -> Iterable[tuple[str, Decimal]]:
    if taken.weight_kg is not None:
        yield WEIGHT, taken.weight_kg
        if height_cm:
            yield BMI, bmi(taken.weight_kg, height_cm)
    minutes = minutes_a_week(taken.active_days, taken.active_minutes)
    if minutes is not None:
        yield MINUTES, Decimal(minutes)


def bmi(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """Kilograms by square metres, to one decimal."""
    metres = height_cm / 100
    return (weight_kg / (metres * metres)).quantize(Decimal("0.1"))


def minutes_a_week(days: int | None, minutes: int | None) -> int | None:
    """Active days times the minutes on each; nothing done needs no minutes."""
    if days == 0:
        return 0
    return None if days is None or minutes is None else days * minutes
