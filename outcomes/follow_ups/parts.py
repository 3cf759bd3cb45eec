"""The two parts of a follow-up: whichever comes second completes it, exactly once."""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateTimeField, F, Q, Value, When

from outcomes.follow_ups import requests
from outcomes.models import FollowUp
from plans.models import Timepoint

State, Who = FollowUp.State, Timepoint.Who
_CLINIC_IS_DONE = Q(who=Who.PATIENT) | Q(examined_at__isnull=False)
_PATIENT_IS_DONE = Q(who=Who.CLINICIAN) | Q(answered_at__isnull=False)


def both_there(row: FollowUp, at: datetime) -> dict[str, Any]:
    """The columns that change with the patient's part.

    Decided in the one UPDATE, on the row as it stands when that has it: the two parts
    may come at the same moment. Reminders stop with the answer; what is left to do is
    the clinic's, until the window ends.
    """
    return _columns(_CLINIC_IS_DONE, at) | {
        "state": Case(
            When(_CLINIC_IS_DONE, then=Value(State.COMPLETED)),
            default=Value(State.STARTED),
        ),
        "state_reason": "",
        "next_action_at": _unless(_CLINIC_IS_DONE, _end_of(row, at)),
    }


def clinic_done(at: datetime) -> dict[str, Any]:
    """The columns that change with the clinician's part; the patient is asked on."""
    return _columns(_PATIENT_IS_DONE, at) | {
        "state": Case(
            When(_PATIENT_IS_DONE, then=Value(State.COMPLETED)), default=F("state")
        ),
        "state_reason": Case(
            When(_PATIENT_IS_DONE, then=Value("")), default=F("state_reason")
        ),
        "next_action_at": _unless(_PATIENT_IS_DONE, F("next_action_at")),
    }


def _columns(is_done: Q, at: datetime) -> dict[str, Any]:
    return {"completed_at": Case(When(is_done, then=Value(at)), default=None)}


def _unless(is_done: Q, otherwise: Any) -> Case:
    return Case(
        When(is_done, then=None), default=otherwise, output_field=DateTimeField()
    )


def _end_of(row: FollowUp, at: datetime) -> Value | None:
    """Costs a query or two, and only where both have a part."""
    if not row.is_for_clinician:
        return None
    return Value(requests.ending(row, row.patient.kept.time_zone, at))
