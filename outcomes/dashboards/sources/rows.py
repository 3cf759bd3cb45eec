"""What the report on pain sources counts: a narrow row for each complaint.

The list behind a number asks the same query, so the two cannot differ.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr, Upper

from clinic.models import User
from outcomes.dashboards import diagnosis_categories
from outcomes.dashboards.sources.choices import (
    BACKWARDS,
    FALLEN,
    KEPT,
    KNOWN,
    LACKING,
    NONE,
    OPEN,
    STEPS,
    Choices,
    Step,
    sources_of,
)
from outcomes.dashboards.sources.counts import SourceRow
from patients.models import Complaint, Diagnosis, Evaluation, SourceHypothesis
from patients.triage import current_source
from plans.models import Intervention, Plan

# What a list can be narrowed by, and the column that holds it.
COLUMNS = {
    "source": "current",
    "first_source": "first_source",
    "first_diagnosis": "first_category",
    "final_diagnosis": "final_category",
}
# The first word and the last one, by what the address calls the two.
CHANGING = {
    "ledger": ("first_source", "current"),
    "diagnosis": ("first_category", "final_category"),
}


def rows(user: User, choices: Choices) -> list[SourceRow]:
    """One query, however many complaints there are."""
    found = annotated(user, choices).values_list(*SourceRow._fields)
    return [SourceRow(*values) for values in found.order_by()]


def annotated(user: User, choices: Choices) -> QuerySet[Any]:
    """The complaints that were chosen, with the fields of a row on each.

    Below, nobody asks for the clinic: the complaint is one that the user may see, and
    a second condition would lead SQLite away from the index on it.
    """
    found = Complaint.objects.visible_to(user).filter(pain_site__in=choices.sites)
    if choices.side:
        found = found.filter(side=choices.side)
    if choices.opened_from:
        found = found.filter(opened_on__gte=choices.opened_from)
    if choices.opened_until:
        found = found.filter(opened_on__lte=choices.opened_until)
    return current_source.annotated(found, is_confirmed=choices.is_confirmed).annotate(
        first_source=_one(
            SourceHypothesis.objects.order_by("stated_on", "pk"), "source"
        ),
        first_category=_category(_of_source().order_by("recorded_on", "pk")),
        final_category=_category(
            _of_source()
            .exclude(certainty=Diagnosis.Certainty.REFUTED)
            .order_by("-recorded_on", "-pk")
        ),
        evaluated_on=_one(
            Evaluation.objects.filter(state=Evaluation.State.SIGNED).order_by(
                "examined_on"
            ),
            "examined_on",
        ),
        treated_on=_one(
            Intervention.objects.filter(status=Intervention.Status.PERFORMED)
            .exclude(plan__status=Plan.Status.ENTERED_IN_ERROR)
            .order_by("performed_on"),
            "performed_on",
            complaint="plan__complaint",
        ),
    )


def listed(user: User, choices: Choices, cell: Mapping[str, str]) -> QuerySet[Any]:
    """The complaints that a number of the report counts, the newest first."""
    found = annotated(user, choices)
    for name, wanted in cell.items():
        if name in COLUMNS:
            found = found.filter(_is(COLUMNS[name], wanted))
    for name, (first, final) in CHANGING.items():
        if name in cell:
            found = found.filter(_has_changed(first, final, cell[name]))
    if "kind" in cell:
        found = found.filter(_is_of_kind(cell["kind"]))
    if "step" in cell:
        step = STEPS[cell["step"]]
        found = found.filter(_has_dates(step, cell.get("dates", KNOWN)))
    return found


def _is(column: str, wanted: str) -> Q:
    return Q(**{f"{column}__isnull": True}) if wanted == NONE else Q(**{column: wanted})


def _is_of_kind(kind: str) -> Q:
    is_open = Q(current__in=sources_of(OPEN)) | Q(current=None)
    if kind == KNOWN:
        return ~is_open
    return is_open if kind == OPEN else Q(current__in=sources_of(kind))


def _has_changed(first: str, final: str, how: str) -> Q:
    if how == FALLEN:
        return Q(**{f"{first}__isnull": False, f"{final}__isnull": True})
    is_same = Q(**{final: F(first)})
    return is_same if how == KEPT else Q(**{f"{final}__isnull": False}) & ~is_same


def _has_dates(step: Step, dates: str) -> Q:
    if dates == LACKING:
        return Q(**{f"{step.start}__isnull": True}) | Q(**{f"{step.end}__isnull": True})
    comparison = "lt" if dates == BACKWARDS else "gte"
    return Q(**{f"{step.end}__{comparison}": F(step.start)})


def _of_source() -> QuerySet[Diagnosis]:
    return Diagnosis.objects.filter(role=Diagnosis.Role.SOURCE).exclude(
        status=Diagnosis.Status.ENTERED_IN_ERROR
    )


def _one(
    ordered: QuerySet[Any], field: str, *, complaint: str = "complaint"
) -> Subquery:
    of_this = ordered.filter(**{complaint: OuterRef("pk")})
    return Subquery(of_this.values(field)[:1])


def _category(ordered: QuerySet[Diagnosis]) -> Upper:
    return Upper(Substr(_one(ordered, "code"), 1, diagnosis_categories.LENGTH))
