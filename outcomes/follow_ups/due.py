"""What is due now: asked in one survey a patient, put off, or over unanswered."""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.models import Clinic
from outcomes.follow_ups import calendar, outbox, requests, sending_hours
from outcomes.intake import endings
from outcomes.models import FollowUp, Message, SurveyRequest
from patients.models import Patient

logger = logging.getLogger(__name__)

State = FollowUp.State
# A backlog is worked off over several ticks, so that no tick runs into its limit.
FOLLOW_UPS_A_TICK = 500


def advance_due(clinic: Clinic, now: datetime) -> int:
    """Take the next step of whatever is due one; returns the patients."""
    # DISTINCT in the query would have SQLite walk all rows along the patients' index.
    rows = (
        FollowUp.objects.filter(clinic=clinic, next_action_at__lte=now)
        .order_by("next_action_at")
        .values_list("patient_id", flat=True)[:FOLLOW_UPS_A_TICK]
    )
    ids = [*rows, *endings.due_patients(clinic, now, FOLLOW_UPS_A_TICK)]
    return sum(_advanced(patient_id, now) for patient_id in dict.fromkeys(ids))


def _advanced(patient_id: UUID, now: datetime) -> bool:
    """Whether it worked: what stops one patient must not stop the rest."""
    try:
        advance(patient_id, now)
    except Exception as error:
        # The text of a database error can hold a name or an address.
        logger.error("patient %s: %s", patient_id, type(error).__name__)
        return False
    return True


@transaction.atomic
def advance(patient_id: UUID, now: datetime) -> None:
    """One patient's due steps: expire, wait for an hour or a hold's end, or ask."""
    patient = requests.lock(patient_id)
    if not patient.is_in_follow_up:
        requests.leave(patient, now)
        return
    hours = sending_hours.of(patient)
    resumes_at = sending_hours.resumes_at(patient)
    asked, expired = [], []
    rows = FollowUp.objects.filter(
        patient__in=patient.record_ids, next_action_at__lte=now
    )
    for row in rows.select_related("episode", "request"):
        step = calendar.next_step(
            row.state,
            ask_at=row.next_action_at,
            close_at=requests.ending(row, hours.zone, now),
            hours=hours,
            now=now,
            resumes_at=resumes_at,
        )
        if isinstance(step, calendar.Ask):
            asked.append(row)
        elif isinstance(step, calendar.Expire):
            expired.append(row)
            requests.finish(row, State.EXPIRED, _why_expired(row, step), now)
        elif isinstance(step, calendar.Wait):
            requests.change(row, row.state, row.state_reason, next_action_at=step.at)
    if asked:
        ask(patient, asked, now)
    if expired:
        _audit("follow_ups.expired", patient, expired)
    endings.expire(patient, now)
    requests.settle(patient, now)


def _why_expired(row: FollowUp, step: calendar.Expire) -> str:
    """Whom a hold kept from being written to has not left a question unanswered."""
    if row.state == State.OPEN and row.request and outbox.is_held_back(row.request):
        return calendar.ON_HOLD
    return step.reason


def ask(patient: Patient, due: list[FollowUp], now: datetime) -> Message | None:
    """Open what is due, and what will be within a week, as one survey."""
    zone = patient.time_zone
    reason = requests.obstacle(patient)
    if reason:
        for row in due:
            close_at = requests.ending(row, zone, now)
            requests.change(row, State.UNREACHABLE, reason, next_action_at=close_at)
        return None
    bundle, waiting = one_a_time_point(patient, [*due, *due_soon(patient, now)])
    for row, other in waiting:
        close_at = requests.ending(other, zone, now)
        requests.change(row, row.state, row.state_reason, next_action_at=close_at)
    if not bundle:
        return None
    request = requests.open_request(patient, now)
    for row in bundle:
        close_at = requests.ending(row, zone, now)
        requests.change(row, State.OPEN, "", next_action_at=close_at, request=request)
    _audit("survey.asked", request, bundle)
    requests.settle(patient, now)
    # Whether all is well is asked on its day, whatever else was sent this week.
    is_safety = any(row.is_safety for row in due)
    again_after = calendar.ONE_DAY if is_safety else calendar.BUNDLE
    return requests.invite(request, now, again_after)


def one_a_time_point(
    patient: Patient, rows: Iterable[FollowUp]
) -> tuple[list[FollowUp], list[tuple[FollowUp, FollowUp]]]:
    """What is asked now, and what waits for the end of another that asks the same.

    Two courses of a plan may both wait for their procedure: one was taken back while
    its repeat was planned. The earlier one asks first.
    """
    asked: list[FollowUp] = []
    waiting: list[tuple[FollowUp, FollowUp]] = []
    standing = FollowUp.objects.filter(
        patient__in=patient.record_ids, state__in=FollowUp.ASKED
    )
    taken = {_place_of(row): row for row in standing.select_related("episode")}
    for row in sorted(rows, key=lambda row: row.episode.course):
        other = taken.setdefault(_place_of(row), row)
        if other is row:
            asked.append(row)
        else:
            waiting.append((row, other))
    return asked, waiting


def _place_of(row: FollowUp) -> tuple[UUID, str]:
    return row.episode.plan_id, row.timepoint_key


def due_soon(patient: Patient, now: datetime) -> list[FollowUp]:
    """What would be asked within a week anyway and may be answered from today."""
    today = calendar.local_day(now, patient.time_zone)
    return list(
        FollowUp.objects.filter(
            patient__in=patient.record_ids,
            state=State.PLANNED,
            next_action_at__gt=now,
            next_action_at__lte=now + calendar.BUNDLE,
            opens_on__lte=today,
        ).select_related("episode")
    )


def _audit(action: str, about: Patient | SurveyRequest, rows: list[FollowUp]) -> None:
    audit.record(
        by=audit.SYSTEM,
        action=action,
        about=about,
        follow_ups=[f"{row.pk} {row.timepoint_key}" for row in rows],
    )
