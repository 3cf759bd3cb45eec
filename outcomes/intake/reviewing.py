"""Staff look at what a patient said before a visit."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import audit, clock
from clinic.models import User
from outcomes.follow_ups.engine import requests
from outcomes.intake import endings
from outcomes.models import Intake
from patients.models import Evaluation

State = Intake.State


def waiting(user: User) -> QuerySet[Intake]:
    """What came in and nobody has looked at, and what never reached its patient."""
    found: QuerySet[Intake] = Intake.objects.visible_to(user)
    return (
        found.filter(
            Q(state__in=Intake.WAITING) | Q(state=State.ASKED, state_reason__gt="")
        )
        .select_related(
            "patient__clinic", "patient__merged_into__clinic", "evaluation__complaint"
        )
        .order_by("visit_on", "answered_at", "pk")
    )


@transaction.atomic
def review(intake: Intake, *, by: User) -> Intake:
    """Somebody has gone through it with the patient, or before they come."""
    if not _mark(intake, by):
        intake.refresh_from_db()
        if intake.state == State.REVIEWED:
            raise ValidationError(f"{intake.reviewed_by} has reviewed it already.")
        raise ValidationError("The patient has not sent it yet.")
    intake.refresh_from_db()
    return intake


def _mark(intake: Intake, by: User) -> int:
    marked = Intake.objects.filter(pk=intake.pk, state__in=Intake.WAITING).update(
        state=State.REVIEWED, reviewed_at=clock.now(), reviewed_by=by
    )
    if marked:
        audit.record(by=by, action="intake.reviewed", about=intake)
    return marked


@transaction.atomic
def evaluation_closed(evaluation: Evaluation, *, by: User, **_: Any) -> None:
    """Nothing more is asked for it; who signs it has seen what the patient said."""
    intake = Intake.objects.filter(evaluation=evaluation).first()
    if intake is None:
        return
    patient = requests.lock(intake.patient_id)
    own = Intake.objects.filter(pk=intake.pk)
    reason = f"the evaluation was {evaluation.get_state_display().lower()}"
    endings.end(own, reason, by=by)
    if evaluation.state == Evaluation.State.SIGNED:
        _mark(intake, by)
    else:
        own.filter(state__in=Intake.WAITING).update(
            state=State.CLOSED, state_reason=reason
        )
    requests.settle(patient, clock.now())
