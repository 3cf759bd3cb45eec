"""The survey that a patient is asked by: opened, kept open, closed.

Also the states of its follow-ups, changed only if they stand as they were read.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from clinic import audit, bulk
from clinic.audit import By
from outcomes.follow_ups import outbox, staff_tasks
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.intake import endings
from outcomes.models import (
    Episode,
    FollowUp,
    Intake,
    Link,
    StaffTask,
    SurveyRequest,
)
from patients.models import Patient

State = FollowUp.State
EndedBy = Episode.EndedBy
NO_BIRTH_DATE = "no birth date to check the answer by"


def ending(row: FollowUp, zone: str, now: datetime) -> datetime:
    """When the asking ends; costs no query where the episode came with the row."""
    return calendar.ending(row.closes_on, zone, now, waits=_waits(row))


def _waits(row: FollowUp) -> bool:
    return row.is_baseline and row.episode.is_provisional


def lock(patient_id: UUID) -> Patient:
    """The patient, held until the transaction ends, so that asking happens once.

    Of a merged record it is the one that is kept: its address, its consent and its
    dates count. The open survey is held with the patient, and before its follow-ups: a
    patient who submits takes them in the same order. SQLite ignores row locks; there
    IMMEDIATE transactions already make every writer wait for the one before.
    """
    patient = _held_patient(_patients_to_hold(), patient_id)
    _held_request(patient)
    return patient


def hold_person(patient_id: UUID) -> Patient:
    """The patient alone, for what looks itself whether a survey is open.

    With the clinic's closed days, so that they cost no query of their own.
    """
    return _held_patient(_patients_with_closed_days(), patient_id)


def _held_patient(patients: QuerySet[Patient], patient_id: UUID) -> Patient:
    patient = patients.get(pk=patient_id)
    if patient.merged_into_id is not None:
        patient = patients.get(pk=patient.merged_into_id)
    return patient


def _patients_to_hold() -> QuerySet[Patient]:
    held = Patient.objects.select_related("clinic")
    return held.select_for_update(of=("self",), no_key=True)


@functools.cache
def _patients_with_closed_days() -> QuerySet[Patient]:
    """Composed once: that takes as long as asking."""
    return sending_hours.with_closed_days(_patients_to_hold())


def hold_people(patient_ids: Iterable[UUID]) -> dict[UUID, Patient]:
    """The kept records of these patients by each id, held until the transaction ends.

    In the order of their keys, so that two cannot lock each other up; a patient who
    submits takes the patient before the survey, as here. SQLite ignores row locks;
    there IMMEDIATE transactions make every writer wait for the one before.
    """
    named = set(patient_ids)
    merged = Patient.objects.filter(pk__in=named, merged_into__isnull=False)
    pairs = merged.values_list("pk", "merged_into")
    kept = {pk: into for pk, into in pairs if into is not None}
    ids = {kept.get(pk, pk) for pk in named}
    # One clinic is read once, not with each of its patients.
    held = Patient.objects.filter(pk__in=ids, merged_into=None).prefetch_related(
        "clinic"
    )
    locked = held.select_for_update(no_key=True).order_by("pk")
    by_id = {patient.pk: patient for patient in locked}
    return {pk: by_id[kept.get(pk, pk)] for pk in named if kept.get(pk, pk) in by_id}


def _held_request(patient: Patient) -> SurveyRequest | None:
    """The open survey; of two from before a merge the kept record's."""
    found = list(open_requests(patient.record_ids).select_for_update().order_by("pk"))
    return min(found, key=lambda one: one.patient_id != patient.pk, default=None)


def open_requests(record_ids: Iterable[UUID]) -> QuerySet[SurveyRequest]:
    return SurveyRequest.objects.filter(
        patient__in=record_ids, state=SurveyRequest.State.OPEN
    )


def obstacle(patient: Patient) -> str:
    """Why this patient cannot be asked by any message; empty where they can."""
    return obstacle_of(patient, tuple(reach.addresses(patient)))


def obstacle_of(patient: Patient, channels: Sequence[str]) -> str:
    """The same, where it is known by which channels the patient is reached."""
    if patient.birth_date is None:
        return NO_BIRTH_DATE
    return "" if channels else outbox.NO_ADDRESS


def open_request(patient: Patient, now: datetime) -> SurveyRequest:
    return _held_request(patient) or SurveyRequest.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        language=patient.language,
        created_at=now,
        closes_at=now,
    )


def settle(patient: Patient, now: datetime) -> None:
    """Keep the open survey open until the last thing it asks ends, then close it."""
    found = open_requests(patient.record_ids)
    settle_all(dict.fromkeys(found, patient.time_zone), now)


def settle_all(zones: Mapping[SurveyRequest, str], now: datetime) -> None:
    """The same for open surveys of many patients, each with their zone."""
    if not zones:
        return
    ends = _ends(zones, now)
    moved, over = [], []
    for request in zones:
        if request.pk not in ends:
            over.append(request)
        elif request.closes_at != ends[request.pk]:
            request.closes_at = ends[request.pk]
            moved.append(request)
    if moved:
        _move_ends(moved)
    if over:
        _close_all(over, now)


def _ends(zones: Mapping[SurveyRequest, str], now: datetime) -> dict[UUID, datetime]:
    """When the last thing ends that each asks; none where nothing is left."""
    zone_of = {request.pk: zone for request, zone in zones.items()}
    pending = FollowUp.objects.filter(FollowUp.WAITS_FOR_PATIENT, request__in=zone_of)
    intakes = Intake.objects.filter(request__in=zone_of, state__in=Intake.OPEN)
    found = list(intakes.values_list("request_id", "closes_at"))
    for row in pending.select_related("episode"):
        if row.request_id is not None:
            end = survey_end(row, zone_of[row.request_id], now)
            found.append((row.request_id, end))
    ends: dict[UUID, datetime] = {}
    for request_id, at in found:
        ends[request_id] = max(at, ends.get(request_id, at))
    return ends


def survey_end(row: FollowUp, zone: str, now: datetime) -> datetime:
    """How long a survey stays open for this one.

    What waits gets a new end each midnight, a tick after the old one.
    """
    return ending(row, zone, now) + _waits(row) * calendar.ONE_DAY


def move_end(request: SurveyRequest, closes_at: datetime) -> None:
    request.closes_at = closes_at
    _move_ends([request])


def _move_ends(requests: Sequence[SurveyRequest]) -> None:
    """The links that are out live as long as their survey, but for those of an hour."""
    bulk.update(requests, ["closes_at"])
    end = SurveyRequest.objects.filter(pk=OuterRef("request")).values("closes_at")
    links = Link.objects.filter(request__in=requests, revoked_at=None)
    links.exclude(kind__in=Link.IN_CLINIC).update(expires_at=Subquery(end))


def close(request: SurveyRequest, now: datetime) -> None:
    _close_all([request], now)


def _close_all(requests: Sequence[SurveyRequest], now: datetime) -> None:
    """End surveys that nobody can answer any more: links and messages with them."""
    SurveyRequest.objects.filter(
        pk__in=[request.pk for request in requests], state=SurveyRequest.State.OPEN
    ).update(state=SurveyRequest.State.CLOSED)
    links = Link.objects.filter(request__in=requests, revoked_at=None)
    links.update(revoked_at=now)
    outbox.cancel_all(requests, "the survey closed")


def leave(patient: Patient, now: datetime, *, by: By = audit.SYSTEM) -> int:
    """End all that is asked of a patient who has withdrawn or died."""
    why = EndedBy.DIED if patient.deceased_on else EndedBy.WITHDREW
    record_ids = patient.record_ids
    endings.end(Intake.objects.filter(patient__in=record_ids), why.label, by=by)
    episodes = Episode.objects.filter(patient__in=record_ids)
    return end(episodes, patient, why, now, by=by)


def retry_unreachable(patient: Patient, now: datetime) -> int:
    """Ask again what failed for want of an address; returns how many follow-ups."""
    if obstacle(patient):
        return 0
    unreachable = FollowUp.objects.filter(
        patient__in=patient.record_ids, state=State.UNREACHABLE
    )
    found = list(unreachable)
    # The way that was to be found is there.
    staff_tasks.cancel(
        [row.pk for row in found],
        "can be written to again",
        now,
        kinds=[StaffTask.Kind.REACH],
    )
    return sum(change(row, State.PLANNED, "", next_action_at=now) for row in found)


def look_again(patient: Patient, now: datetime) -> None:
    """Let what a hold or a flag kept waiting look at it as it is now."""
    hours = sending_hours.of(patient)
    waiting = FollowUp.objects.filter(
        patient__in=patient.record_ids, state=State.PLANNED, next_action_at__gt=now
    )
    for row in waiting.select_related("episode"):
        day_0 = row.episode.counts_from(is_baseline=row.is_baseline)
        ask_on = day_0 + timedelta(days=row.ask_day)
        own = hours.every_day if row.is_safety else hours
        window = (row.opens_on, row.closes_on)
        if own.ask_at(ask_on, *window, str(row.patient_id)) <= now:
            change(row, row.state, row.state_reason, next_action_at=now)
    FollowUp.objects.filter(
        patient__in=patient.record_ids, state__in=FollowUp.ASKED
    ).update(next_action_at=now)
    outbox.look_again(patient.record_ids, now)


def end(
    episodes: Iterable[Episode],
    patient: Patient,
    ended_by: EndedBy,
    now: datetime,
    *,
    by: By,
    reason: str = "",
) -> int:
    """End these courses: what is not final is cancelled; returns how many rows.

    `reason` says it in words of staff's own.
    """
    reason, cancelled = reason or ended_by.label, 0
    for episode in episodes:
        rows = episode.follow_ups.exclude(state__in=FollowUp.FINAL)
        ended = sum(_give_up(row, reason, now) for row in rows)
        was_active = Episode.objects.filter(
            pk=episode.pk, status=Episode.Status.ACTIVE
        ).update(status=Episode.Status.ENDED, ended_by=ended_by, end_reason=reason)
        if was_active or ended:
            audit.record(
                by=by,
                action="follow_ups.ended",
                about=episode,
                reason=reason,
                ended_by=ended_by.value,
                cancelled=ended,
            )
        cancelled += ended
    settle(patient, now)
    return cancelled


def _give_up(row: FollowUp, reason: str, now: datetime) -> bool:
    """What the patient answered stays answered, though nobody examines any more."""
    if not row.is_answered:
        return finish(row, State.CANCELLED, reason, now)
    return finish(row, State.EXPIRED, calendar.EXAMINATION_MISSING, now)


def finish(row: FollowUp, state: str, reason: str, now: datetime) -> bool:
    """Give a follow-up its final state; the facts of its course follow."""
    is_changed = change(row, state, reason, next_action_at=None)
    if is_changed:
        staff_tasks.cancel([row.pk], reason, now)
        Episode.objects.filter(pk=row.episode_id).update(facts_due_at=now)
    return is_changed


def replace(row: FollowUp, reason: str) -> None:
    """Another row stands for one that ended; the pages then show only that."""
    ended = (State.CANCELLED, State.EXPIRED)
    FollowUp.objects.filter(pk=row.pk, state__in=ended).update(
        state=State.SUPERSEDED, state_reason=reason
    )


def change(
    row: FollowUp,
    state: str,
    reason: str,
    *,
    next_action_at: datetime | None,
    request: SurveyRequest | None = None,
) -> bool:
    """Move a row on, if it still stands as it was read."""
    changes = {
        "state": state,
        "state_reason": reason,
        "next_action_at": next_action_at,
        **({"request": request} if request else {}),
    }
    return bool(FollowUp.objects.filter(pk=row.pk, state=row.state).update(**changes))
