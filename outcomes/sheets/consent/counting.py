"""The outcomes of this clinic's people, as far as a sheet for patients needs them."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from clinic.models import User
from outcomes.dashboards import diagnosis_categories, statistics
from outcomes.models import OutcomeFact
from outcomes.sheets.consent.similar import Kind, Outcome
from patients.models import Complaint, Diagnosis, SourceHypothesis
from plans.models import Intervention

# Pain where it hurts, three months on: the first time by which most are better that are
# going to be, and asked after every kind of treatment.
MEASURE, DAY = "pain_site", 90
# 30 % less pain is the rule by which the clinic's own figures count, too.
RULE = statistics.DEFAULT_RULE


def kind_of(user: User, intervention: Intervention) -> Kind:
    """As the facts group people: the newest that is not refuted; two queries.

    The treatment is the procedure's own: a plan of therapy may end with an injection.
    """
    complaint = intervention.plan.complaint
    source = (
        SourceHypothesis.objects.visible_to(user)
        .filter(complaint=complaint, superseded_on=None)
        .exclude(certainty=SourceHypothesis.Certainty.REFUTED)
        .order_by("-stated_on", "-pk")
        .values_list("source", flat=True)
    )
    return Kind(
        treatment=intervention.modality,
        diagnosis=_category(user, complaint),
        source=source.first() or "",
    )


def _category(user: User, complaint: Complaint) -> str:
    standing = (
        Diagnosis.objects.visible_to(user)
        .filter(complaint=complaint, role=Diagnosis.Role.SOURCE)
        .exclude(status=Diagnosis.Status.ENTERED_IN_ERROR)
        .exclude(certainty=Diagnosis.Certainty.REFUTED)
        .order_by("-recorded_on", "-pk")
    )
    code = standing.values_list("code", flat=True).first() or ""
    return code[: diagnosis_categories.LENGTH].upper()


def outcomes(user: User, kind: Kind, *, but: Sequence[UUID]) -> list[Outcome]:
    """Of everybody else who had this treatment and was to answer; one query.

    `but` are the records of the one whom the sheet is for. Who left or died before
    the answer was due is no missing answer.
    """
    visible = OutcomeFact.objects.visible_to(user).filter(
        measure__key=MEASURE,
        bin_day=DAY,
        is_eligible=True,
        apart=OutcomeFact.Apart.NO,
        profile__modality=kind.treatment,
    )
    # A share of a baseline of nothing is none: whoever had no pain is left out.
    judged = visible.filter(
        Q(**{f"{RULE.key}__isnull": False}) | Q(value__isnull=True, baseline__gt=0)
    )
    rows = (
        judged.exclude(episode__patient__in=but)
        .annotate(person=Coalesce("episode__patient__merged_into", "episode__patient"))
        .order_by("profile__began_on", "episode")
        .values_list(
            *("person", "profile__modality", "profile__diagnosis"),
            *("profile__source", RULE.key, "worse"),
        )
    )
    return [
        Outcome(person, Kind(treatment, diagnosis, source), improved, worse)
        for person, treatment, diagnosis, source, improved, worse in rows
    ]
