"""The clinician's part where the record has it by itself: nobody types it twice.

Looked at when something that can hold it changes, and by the tick when a window opens
and before it closes: what was written down without a consequence is found then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import audit, clock
from clinic.audit import By
from outcomes.clinician_parts import recording, sheet
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.planning import calendar
from outcomes.models import Episode, FollowUp
from patients.models import Evaluation, Patient
from plans.models import Intervention, Plan, Timepoint

State = FollowUp.State
# Every place on earth has begun a day by then.
FURTHEST_ZONE = timedelta(hours=14)


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


def count_due(patients: Iterable[Patient], now: datetime) -> None:
    """What opens or closes now; one query for a batch in which nothing does."""
    held = [patient.pk for patient in patients]
    is_theirs = Q(patient__in=held) | Q(patient__merged_into__in=held)
    # Of what both have a part in only the end matters: the rest has its consequence.
    is_over = Q(closes_on__lt=(now + FURTHEST_ZONE).date())
    rows = FollowUp.objects.filter(
        FollowUp.WAITS_FOR_CLINICIAN,
        is_theirs,
        is_over | Q(who=Timepoint.Who.CLINICIAN),
        next_action_at__lte=now,
    )
    for row in rows.select_related("episode__plan__protocol", "patient__clinic"):
        count(row, now)


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
