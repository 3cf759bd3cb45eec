"""How an intake ends unsent: its time is over, or nobody may ask any more."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic import audit
from clinic.audit import By
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.planning import calendar
from outcomes.models import Intake
from patients.models import Patient

State = Intake.State
NO_ANSWER = "no answer"
NOT_FINISHED = "not finished in time"


def due_patients(clinic: Clinic, now: datetime, limit: int) -> list[UUID]:
    """Whose intake has run out; one index scan, empty on most ticks."""
    rows = Intake.objects.filter(
        clinic=clinic, state__in=Intake.OPEN, closes_at__lte=now
    ).order_by("closes_at")
    return list(rows.values_list("patient_id", flat=True)[:limit])


def expire(patients: Iterable[Patient], now: datetime) -> int:
    """End what has run out, of these and of the records merged into them."""
    ids = [patient.pk for patient in patients]
    whose = Q(patient__in=ids) | Q(patient__merged_into__in=ids)
    due = Intake.objects.filter(whose, state__in=Intake.OPEN, closes_at__lte=now)
    rows = due.select_related("request")
    return sum(_end(row, _why(row), audit.SYSTEM) for row in rows)


def _why(row: Intake) -> str:
    """Whom a hold kept from being written to has not left a question unanswered."""
    if row.state == State.BEGUN:
        return NOT_FINISHED
    return calendar.ON_HOLD if outbox.is_held_back(row.request) else NO_ANSWER


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
