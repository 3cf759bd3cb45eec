"""The rows that the report counts, and of which it lists some."""

from collections.abc import Mapping

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from clinic.models import User
from patients.models import Complaint, Diagnosis
from plans.models import Intervention, Modality, Plan, ProtocolStep
from plans.reports.choices import (
    ANY,
    BEFORE,
    LACKING,
    NO,
    RECORDED,
    YES,
    Choices,
    one_or_none,
)

ERROR = Intervention.Status.ENTERED_IN_ERROR


def plans(
    user: User, choices: Choices, cell: Mapping[str, str] | None = None
) -> QuerySet[Plan]:
    cell = cell or {}
    asked = {name: cell[name] for name in ("status", "modality") if name in cell}
    return Plan.objects.visible_to(user).filter(
        choices.of_plan(), **asked, **one_or_none("protocol", cell.get("protocol", ""))
    )


def interventions(
    user: User, choices: Choices, cell: Mapping[str, str] | None = None
) -> QuerySet[Intervention]:
    cell = cell or {}
    asked = {name: cell[name] for name in ("status", "modality") if name in cell}
    found = Intervention.objects.visible_to(user).filter(
        choices.of_plan("plan__"), **asked
    )
    if "sessions" in cell:
        found = found.filter(IS_COURSE, SESSIONS[cell["sessions"]])
    return found.exclude(status=ERROR)


# Sessions of any kind: who recorded some had a course, whatever it is called.
NAMES_SESSIONS = (
    Q(therapy__sessions_prescribed__isnull=False)
    | Q(therapy__sessions_attended__isnull=False)
    | Q(therapy__sessions_missed__isnull=False)
)
# A clinician's look back at a course, which stands beside it in the protocol.
IS_REVIEW = Q(step__key__in=ProtocolStep.REVIEWS) & ~NAMES_SESSIONS
# A course of therapy that has begun: sessions are recorded, or it is as done.
IS_COURSE = (
    Q(modality=Modality.PHYSICAL_THERAPY)
    & (
        Q(status=Intervention.Status.PERFORMED)
        | Q(status=Intervention.Status.PLANNED, therapy__isnull=False)
    )
    & ~IS_REVIEW
)
HAS_SESSIONS = Q(
    therapy__sessions_attended__isnull=False, therapy__sessions_missed__isnull=False
)
SESSIONS = {ANY: Q(), RECORDED: HAS_SESSIONS, LACKING: ~HAS_SESSIONS}


def complaints(
    user: User, choices: Choices, cell: Mapping[str, str] | None = None
) -> QuerySet[Complaint]:
    """Diagnosed complaints with a plan of the choice, each with two days."""
    theirs = Plan.objects.filter(choices.of_plan(), complaint=OuterRef("pk"))
    diagnosed = (
        Diagnosis.objects.filter(complaint=OuterRef("pk"))
        .exclude(status=Diagnosis.Status.ENTERED_IN_ERROR)
        .order_by()
        .values("complaint")
        .annotate(first=Min("recorded_on"))
        .values("first")
    )
    treated = (
        Intervention.objects.filter(
            plan__complaint=OuterRef("pk"), status=Intervention.Status.PERFORMED
        )
        .order_by()
        .values("plan__complaint")
        .annotate(first=Min("performed_on"))
        .values("first")
    )
    found = (
        Complaint.objects.visible_to(user)
        .filter(Exists(theirs))
        .annotate(diagnosed_on=Subquery(diagnosed), treated_on=Subquery(treated))
        .filter(diagnosed_on__isnull=False)
    )
    conditions = {
        YES: Q(treated_on__gte=F("diagnosed_on")),
        BEFORE: Q(treated_on__lt=F("diagnosed_on")),
        NO: Q(treated_on__isnull=True),
    }
    wanted = (cell or {}).get("treated")
    return found.filter(conditions[wanted]) if wanted else found
