"""The clinician's part where the record has it by itself: nobody types it twice.

Looked at when something that can hold it changes, and by the tick when a window opens
and before it closes: what was written down without a consequence is found then.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from outcomes.clinician_parts import recording, sheet
from outcomes.follow_ups import calendar, requests
from outcomes.models import Episode, FollowUp
from patients.models import Evaluation
from plans.models import Intervention, Plan

State = FollowUp.State


def count(row: FollowUp, now: datetime, *, by: By = audit.SYSTEM) -> bool:
    """Take it from the record if all of it is there; whether that completes the row.

    The caller holds the patient.
    """
    if not row.is_for_clinician or row.is_examined:
        return False
    patient = row.patient.kept
    found = sheet.of(row, calendar.local_day(now, patient.time_zone))
    if not found.is_in_record:
        return False
    recording.take_from_record(found, patient, now, by=by)
    return FollowUp.objects.filter(pk=row.pk, state=State.COMPLETED).exists()


@transaction.atomic
def evaluation_closed(evaluation: Evaluation, *, by: By, **_: Any) -> None:
    if evaluation.state == Evaluation.State.SIGNED:
        _count_all(evaluation.complaint_id, by)


def plan_started(plan: Plan, *, by: By, **_: Any) -> None:
    """A patient is often examined before anything is planned."""
    _count_all(plan.complaint_id, by)


def intervention_changed(intervention: Intervention, *, by: By, **_: Any) -> None:
    _count_all(intervention.plan.complaint_id, by)


@transaction.atomic
def _count_all(complaint_id: UUID, by: By) -> None:
    rows = list(
        FollowUp.objects.filter(
            FollowUp.WAITS_FOR_CLINICIAN,
            episode__complaint=complaint_id,
            episode__status=Episode.Status.ACTIVE,
        ).select_related("episode__plan__protocol", "patient__clinic")
    )
    if not rows:
        return
    now = clock.now()
    patient = requests.lock(rows[0].patient_id)
    today = calendar.local_day(now, patient.time_zone)
    for row in rows:
        if row.opens_on <= today:
            count(row, now, by=by)
