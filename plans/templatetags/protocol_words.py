"""Words for what a protocol asks and aims at."""

from collections.abc import Iterable, Mapping

from django import template

from plans.models import Comparison, ProtocolGoal
from plans.protocols import documents
from plans.protocols.measures import Measure

register = template.Library()


@register.filter
def named(keys: Iterable[str], known: Mapping[str, Measure]) -> str:
    return ", ".join(known[key].name if key in known else key for key in keys)


@register.filter
def aim(goal: ProtocolGoal, known: Mapping[str, Measure]) -> str:
    measure = known.get(goal.measure)
    name, unit = (measure.name, measure.unit) if measure else (goal.measure, "")
    target = documents.amount_in_words(goal.target)
    match goal.comparison:
        case Comparison.LESS_BY_PERCENT:
            return f"{name}: less by {target} %"
        case Comparison.AT_LEAST:
            return f"{name}: at least {target} {unit}".strip()
    return f"{name}: at most {target} {unit}".strip()
