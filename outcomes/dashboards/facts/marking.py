"""What makes facts old: the worker makes those of a marked episode anew."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from clinic import clock
from outcomes.models import Episode
from patients.models import Complaint, Patient

# What of a patient their answers are grouped by, and whether they are still followed.
GROUPED_BY = frozenset(
    {
        *("birth_date", "sex", "language", "location", "preferred_channel"),
        *("payer_class", "withdrawn_on", "deceased_on"),
    }
)


def patient_updated(
    patient: Patient, *, changed: Collection[str] | None = None, **_: Any
) -> None:
    if GROUPED_BY.intersection(changed or ()):
        _mark(patient.record_ids)


def records_joined(kept: Patient, *, merged: Patient, **_: Any) -> None:
    """Merged or separated: each record's answers are somebody else's from now on."""
    _mark([*kept.record_ids, *merged.record_ids])


def complaint_named(complaint: Complaint, **_: Any) -> None:
    """Another source or diagnosis was named."""
    complaint.episodes.update(facts_due_at=clock.now())


def _mark(record_ids: Collection[UUID]) -> None:
    Episode.objects.filter(patient__in=record_ids).update(facts_due_at=clock.now())
