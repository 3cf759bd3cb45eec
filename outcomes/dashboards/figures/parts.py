"""The parts of a result that people can be listed by, and the facts of each."""

from enum import StrEnum

from django.db.models import Q

from outcomes.dashboards import statistics
from outcomes.dashboards.figures.choices import FAILED, Choices
from outcomes.models import OutcomeFact

Apart = OutcomeFact.Apart


class Part(StrEnum):
    ELIGIBLE = "eligible"
    ANSWERED = "answered"
    IMPROVED = "improved"
    NOT_IMPROVED = "not_improved"
    WORSE = "worse"
    MISSING = "missing"
    ADDED = "added"
    DIED = "died"
    WITHDREW = "withdrew"


WORDS = {
    Part.ELIGIBLE: "due",
    Part.ANSWERED: "answered",
    Part.IMPROVED: "improved",
    Part.NOT_IMPROVED: "answered and not improved",
    Part.WORSE: "got worse",
    Part.MISSING: "did not answer",
    Part.ADDED: "had more treatment before they answered",
    Part.DIED: "died before it was over",
    Part.WITHDREW: "withdrew before it was over",
}


def condition(part: Part, chosen: Choices) -> Q:
    """Of a fact, whether it is counted in this part; as the figures count."""
    rule = statistics.RULES[chosen.rule]
    improved = Q(**{rule.key: True})
    not_improved = Q(**{rule.key: False})
    if chosen.added == FAILED:
        not_improved |= Q(**{rule.key: True}, has_added_treatment=True)
        improved &= Q(has_added_treatment=False)
    return {
        Part.ELIGIBLE: Q(is_eligible=True),
        Part.ANSWERED: Q(is_eligible=True, change__isnull=False),
        Part.IMPROVED: improved,
        Part.NOT_IMPROVED: not_improved,
        Part.WORSE: Q(worse=True),
        Part.MISSING: Q(is_eligible=True, change__isnull=True),
        Part.ADDED: Q(has_added_treatment=True, value__isnull=False),
        Part.DIED: Q(apart=Apart.DIED),
        Part.WITHDREW: Q(apart=Apart.WITHDREW),
    }[part]
