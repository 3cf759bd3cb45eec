"""The two parts of a follow-up: whichever comes second completes it, exactly once."""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateTimeField, Expression, F, Q, Value, When
from django.db.models.functions import Cast

from outcomes.follow_ups.engine import requests
from outcomes.models import FollowUp
from plans.models import Timepoint

State, Who = FollowUp.State, Timepoint.Who
_CLINIC_IS_DONE = Q(who=Who.PATIENT) | Q(examined_at__isnull=False)
_PATIENT_IS_DONE = Q(who=Who.CLINICIAN) | Q(answered_at__isnull=False)

# PostgreSQL takes a CASE of nothing but NULL for a text.
_NOTHING = Cast(Value(None), DateTimeField())


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
    done_at = Value(at, output_field=DateTimeField())
    return {"completed_at": Case(When(is_done, then=done_at), default=_NOTHING)}


def _unless(is_done: Q, otherwise: Any) -> Case:
    return Case(
        When(is_done, then=_NOTHING), default=otherwise, output_field=DateTimeField()
    )


def _end_of(row: FollowUp, at: datetime) -> Expression:
    """Costs a query or two, and only where both have a part."""
    if not row.is_for_clinician:
        return _NOTHING
    end = requests.ending(row, row.patient.kept.time_zone, at)
    return Value(end, output_field=DateTimeField())
