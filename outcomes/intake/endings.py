"""How an intake ends unsent: its time is over, or nobody may ask any more."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clinic import audit
from clinic.models import Clinic, User
from outcomes.models import Intake
from patients.models import Patient

By = User | audit.Actor
State = Intake.State
NO_ANSWER = "no answer"
NOT_FINISHED = "not finished in time"


def due_patients(clinic: Clinic, now: datetime, limit: int) -> list[UUID]:
    """Whose intake has run out; one index scan, empty on most ticks."""
    rows = Intake.objects.filter(
        clinic=clinic, state__in=Intake.OPEN, closes_at__lte=now
    ).order_by("closes_at")
    return list(rows.values_list("patient_id", flat=True)[:limit])


def expire(patient: Patient, now: datetime) -> int:
    due = Intake.objects.filter(patient=patient, closes_at__lte=now)
    silent = end(due.filter(state=State.ASKED), NO_ANSWER, by=audit.SYSTEM)
    return silent + end(due.filter(state=State.BEGUN), NOT_FINISHED, by=audit.SYSTEM)


def end(rows: QuerySet[Intake], reason: str, *, by: By) -> int:
    """What was begun waits for staff to look at it; what was only asked is closed."""
    return sum(_end(row, reason, by) for row in rows.filter(state__in=Intake.OPEN))


def _end(row: Intake, reason: str, by: By) -> int:
    state = State.UNFINISHED if row.state == State.BEGUN else State.CLOSED
    ended = Intake.objects.filter(pk=row.pk, state=row.state).update(
        state=state, state_reason=reason
    )
    if ended:
        audit.record(
            by=by, action="intake.ended", about=row, reason=reason, before=row.state
        )
    return ended
