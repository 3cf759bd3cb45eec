"""A page of the rows behind a number, each as the same kind of line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.urls import reverse

from clinic import clock
from clinic.models import User
from patients.models import Complaint, Patient
from plans.models import Intervention, Plan
from plans.reports import rows
from plans.reports.choices import Choices

PAGE_SIZE = 50
OF_PLAN = ("complaint__patient__clinic", "complaint__patient__merged_into__clinic")
Cells = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`plan` is empty where a row belongs to no one plan."""

    patient: Patient
    plan: str
    what: str
    cells: Cells
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What is listed: its rows, and how one is told."""

    name: str
    headings: Sequence[str]
    find: Callable[[User, Choices, Mapping[str, str]], QuerySet[Any]]
    tell: Callable[[Any], Line]


def page(
    kind: Kind, user: User, choices: Choices, cell: Mapping[str, str], number: int
) -> tuple[Page, list[Line]]:
    """Two queries."""
    paginator = Paginator(kind.find(user, choices, cell), PAGE_SIZE)
    found = paginator.get_page(number)
    return found, [kind.tell(row) for row in found]


def _plans(user: User, choices: Choices, cell: Mapping[str, str]) -> QuerySet[Plan]:
    found = rows.plans(user, choices, cell)
    return found.select_related("protocol", "provider", *OF_PLAN)


def _plan(plan: Plan) -> Line:
    return Line(
        patient=plan.complaint.patient.kept,
        plan=reverse("outcomes:plan", args=[plan.pk]),
        what=str(plan.protocol or plan.title),
        cells=(
            ("Complaint", str(plan.complaint)),
            ("Provider", plan.provider.name if plan.provider else "–"),
            ("Started", clock.in_words(plan.started_on)),
        ),
        state=plan.get_status_display().lower(),
        tone="ok" if plan.status == Plan.Status.ACTIVE else "",
    )


def _interventions(
    user: User, choices: Choices, cell: Mapping[str, str]
) -> QuerySet[Intervention]:
    found = rows.interventions(user, choices, cell)
    people = [f"plan__{name}" for name in OF_PLAN]
    return found.select_related("plan__provider", "therapy", *people).order_by(
        "-planned_on", "-pk"
    )


def _intervention(one: Intervention) -> Line:
    plan = one.plan
    return Line(
        patient=plan.complaint.patient.kept,
        plan=reverse("outcomes:plan", args=[plan.pk]),
        what=one.title,
        cells=(
            ("Modality", one.get_modality_display()),
            ("Provider", plan.provider.name if plan.provider else "–"),
            ("When", clock.in_words(one.on) if one.on else "–"),
        ),
        state=one.get_status_display().lower(),
        tone="ok" if one.status == Intervention.Status.PERFORMED else "",
    )


def _complaints(
    user: User, choices: Choices, cell: Mapping[str, str]
) -> QuerySet[Complaint]:
    found = rows.complaints(user, choices, cell)
    return found.select_related(
        "patient__clinic", "patient__merged_into__clinic"
    ).order_by("-opened_on", "-pk")


def _complaint(complaint: Any) -> Line:
    treated_on = complaint.treated_on
    return Line(
        patient=complaint.patient.kept,
        plan="",
        what=str(complaint),
        cells=(
            ("First diagnosis", clock.in_words(complaint.diagnosed_on)),
            ("First treatment", clock.in_words(treated_on) if treated_on else "–"),
        ),
        state=_waited(complaint),
        tone="" if treated_on else "warn",
    )


def _waited(complaint: Any) -> str:
    if complaint.treated_on is None:
        return "not treated yet"
    days = (complaint.treated_on - complaint.diagnosed_on).days
    if days < 0:
        return "treated before the diagnosis"
    return f"{days} day{'' if days == 1 else 's'}"


PLANS = Kind("plans", ("Complaint", "Provider", "Started"), _plans, _plan)
INTERVENTIONS = Kind(
    "interventions", ("Modality", "Provider", "When"), _interventions, _intervention
)
COMPLAINTS = Kind(
    "complaints", ("First diagnosis", "First treatment"), _complaints, _complaint
)
