"""What is due now: asked in one survey a patient, reminded of, handed over, or over.

Patients are advanced in batches, each in one transaction and a constant number of
queries: read how they stand, decide (pure), write what was decided.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic.models import Clinic
from outcomes.clinician_parts import counting
from outcomes.follow_ups.engine import asking, decisions, requests, standing
from outcomes.follow_ups.guard import pauses
from outcomes.follow_ups.planning import sending_hours
from outcomes.intake import endings
from outcomes.models import FollowUp, SendingPause
from patients.models import Patient

logger = logging.getLogger(__name__)

# A backlog is worked off over several ticks, so that no tick runs into its limit.
FOLLOW_UPS_A_TICK = 5000
PATIENTS_AT_ONCE = 100
# What waits for the end of a pause is looked at in turn, for calls to be made of it.
LOOKED_AT_IN_A_PAUSE = 500
# Every place on earth has begun a day by then.
FURTHEST_ZONE = timedelta(hours=14)


def advance_due(clinic: Clinic, now: datetime) -> int:
    """Take the next step of whatever is due one; returns the patients.

    While sending is paused what has closed still ends and calls are still made; but
    nothing at all is done after the clock jumped, for ending what is not over cannot
    be taken back.
    """
    ids = _patients(_due(clinic, now))
    ids |= dict.fromkeys(endings.due_patients(clinic, now, FOLLOW_UPS_A_TICK))
    pause = pauses.standing(clinic) if ids else None
    if pause and pause.cause == SendingPause.Cause.CLOCK:
        return 0
    if pause:
        ids = _patients(_for_people(clinic, now))
        ids |= _patients(_asked(clinic, now), LOOKED_AT_IN_A_PAUSE)
    if not ids:
        return 0
    hours, queue = sending_hours.Calendar.of(clinic), list(ids)
    return sum(
        _advanced(queue[start : start + PATIENTS_AT_ONCE], now, hours, bool(pause))
        for start in range(0, len(queue), PATIENTS_AT_ONCE)
    )


def _patients(
    due: QuerySet[FollowUp], most: int = FOLLOW_UPS_A_TICK
) -> dict[UUID, None]:
    """Longest waiting first, each once.

    DISTINCT in the query would have SQLite walk all rows along the patients' index.
    """
    rows = due.order_by("next_action_at").values_list("patient_id", flat=True)
    return dict.fromkeys(rows[:most])


def _due(clinic: Clinic, now: datetime) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(clinic=clinic, next_action_at__lte=now)


def _for_people(clinic: Clinic, now: datetime) -> QuerySet[FollowUp]:
    """What is over; and of what nobody was asked yet, what may be for staff to ask.

    A safety check does not wait for a way to write to its patient.
    """
    is_over = Q(closes_on__lt=(now + FURTHEST_ZONE).date())
    phone = Patient.Channel.PHONE
    is_for_staff = (
        Q(is_safety=True)
        | Q(patient__preferred_channel=phone)
        | Q(patient__merged_into__preferred_channel=phone)
    )
    planned = Q(state=FollowUp.State.PLANNED) & is_for_staff
    return _due(clinic, now).filter(is_over | planned)


def _asked(clinic: Clinic, now: datetime) -> QuerySet[FollowUp]:
    return _due(clinic, now).filter(state__in=FollowUp.ASKED)


def _advanced(
    patient_ids: Sequence[UUID],
    now: datetime,
    hours: sending_hours.Calendar,
    is_paused: bool,
) -> int:
    """How many it worked for: what stops one patient must not stop the rest."""
    try:
        return advance(patient_ids, now, hours, is_paused=is_paused)
    except Exception as error:
        if len(patient_ids) > 1:
            alone = ([patient_id] for patient_id in patient_ids)
            return sum(_advanced(one, now, hours, is_paused) for one in alone)
        # The text of a database error can hold a name or an address.
        logger.error("patient %s: %s", patient_ids[0], type(error).__name__)
        return 0


@transaction.atomic
def advance(
    patient_ids: Iterable[UUID],
    now: datetime,
    hours: sending_hours.Calendar | None = None,
    *,
    is_paused: bool = False,
) -> int:
    """The due steps of patients of one clinic; returns how many patients."""
    held = standing.hold(patient_ids)
    if not held:
        return 0
    stay = [patient for patient in held if patient.is_in_follow_up]
    for patient in held:
        if not patient.is_in_follow_up:
            requests.leave(patient, now)
    hours = hours or sending_hours.Calendar.of(held[0].clinic)
    counting.count_due(stay, now)
    cases = standing.read(stay, now, hours)
    decided = [
        asking.decide(one.person, one.rows, now, is_paused=is_paused) for one in cases
    ]
    decisions.carry_out(list(zip(cases, decided, strict=True)), now)
    return len(held)
