"""How patients stand at one moment: read together, for all that is decided at once.

A constant number of queries, however many patients; the caller holds a transaction.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.engine import calling, ladder, requests
from outcomes.follow_ups.engine.case import Person, Row
from outcomes.follow_ups.planning import sending_hours
from outcomes.follow_ups.planning.calendar import BUNDLE
from outcomes.models import FollowUp, Message, StaffTask, SurveyRequest
from patients.models import Patient, RedFlag
from plans.models import ReminderRung


@dataclass(slots=True)
class Standing:
    """One patient, with the records that are read as one with theirs."""

    patient: Patient
    # The open surveys, the kept record's own first.
    requests: list[SurveyRequest]
    follow_ups: list[FollowUp]
    person: Person
    rows: list[Row]

    def follow_up(self, row: Row) -> FollowUp:
        return next(one for one in self.follow_ups if one.pk == row.key)


@dataclass(slots=True)
class _Found:
    """What belongs to the patients of a batch, by the record that is kept."""

    kept: dict[UUID, UUID]
    requests: dict[UUID, list[SurveyRequest]] = field(
        default_factory=lambda: defaultdict(list)
    )
    follow_ups: dict[UUID, list[FollowUp]] = field(
        default_factory=lambda: defaultdict(list)
    )
    invitation_queued_at: dict[UUID, datetime] = field(default_factory=dict)
    queued_at: dict[UUID, datetime] = field(default_factory=dict)
    sent_at: dict[UUID, datetime] = field(default_factory=dict)
    flagged: set[UUID] = field(default_factory=set)
    not_to_call: set[UUID] = field(default_factory=set)
    held_back: set[UUID] = field(default_factory=set)


def hold(patient_ids: Iterable[UUID]) -> list[Patient]:
    """The kept records of these patients, held until the transaction ends.

    With their addresses.
    """
    held = {one.pk: one for one in requests.hold_people(patient_ids).values()}
    patients = sorted(held.values(), key=lambda one: one.pk)
    prefetch_related_objects(patients, "contact_points")
    return patients


def read(
    patients: Sequence[Patient], now: datetime, hours: sending_hours.Calendar
) -> list[Standing]:
    """Of patients of one clinic, whom the caller holds."""
    found = _found(patients, now)
    return [_standing(patient, found, now, hours) for patient in patients]


def _found(patients: Sequence[Patient], now: datetime) -> _Found:
    kept = {patient.pk: patient.pk for patient in patients}
    merged = Patient.objects.filter(merged_into__in=kept)
    for pk, into in merged.values_list("pk", "merged_into"):
        kept[pk] = into or pk
    found = _Found(kept)
    _read_requests(found)
    _read_follow_ups(found)
    _read_messages(found, now)
    flags = RedFlag.objects.gates().filter(patient__in=kept)
    found.flagged = {kept[pk] for pk in flags.values_list("patient", flat=True)}
    found.not_to_call = calling.taken_back(kept)
    return found


def _read_requests(found: _Found) -> None:
    """Held after the patients and before the follow-ups, as whoever submits does."""
    held = requests.open_requests(found.kept).select_for_update().order_by("pk")
    for request in held:
        found.requests[found.kept[request.patient_id]].append(request)
    for patient_id, own in found.requests.items():
        own.sort(key=lambda one: one.patient_id != patient_id)


def _read_follow_ups(found: _Found) -> None:
    rows = (
        FollowUp.objects.filter(patient__in=found.kept)
        .exclude(state__in=FollowUp.FINAL)
        .select_related("episode__plan")
        .order_by("due_on", "offset_days", "pk")
    )
    for row in rows:
        found.follow_ups[found.kept[row.patient_id]].append(row)


def _read_messages(found: _Found, now: datetime) -> None:
    """Those of the last week: nothing older keeps another one from going."""
    recent = Message.objects.filter(
        request__patient__in=found.kept, created_at__gt=now - BUNDLE
    ).exclude(state__in=outbox.UNDELIVERED)
    columns = (
        *("request", "request__patient", "kind", "created_at"),
        *("state", "accepted_at"),
    )
    for request_id, patient_id, kind, at, state, accepted_at in recent.order_by(
        "created_at"
    ).values_list(*columns):
        found.queued_at[request_id] = at
        if kind == Message.Kind.INVITATION:
            found.invitation_queued_at[found.kept[patient_id]] = at
        if state in Message.ARRIVED:
            last = found.sent_at.get(request_id, at)
            found.sent_at[request_id] = max(last, accepted_at or at)
    found.held_back = _held_back(found, now)


def _held_back(found: _Found, now: datetime) -> set[UUID]:
    """Open surveys of which a hold kept every message; asked where something ends."""
    ending = {
        row.request_id
        for rows in found.follow_ups.values()
        for row in rows
        if row.state == FollowUp.State.OPEN and row.next_action_at and row.request_id
        if row.next_action_at <= now
    }
    if not ending:
        return set()
    sent = Message.objects.filter(request__in=ending)
    held = Q(state__in=Message.CLAIMABLE, error=outbox.ON_HOLD)
    reached = sent.filter(state__in=Message.ARRIVED).values("request")
    waiting = sent.filter(held).exclude(request__in=reached)
    return set(waiting.values_list("request", flat=True))


def _standing(
    patient: Patient, found: _Found, now: datetime, hours: sending_hours.Calendar
) -> Standing:
    own, rows = found.requests[patient.pk], found.follow_ups[patient.pk]
    channels = tuple(reach.addresses(patient))
    may_be_called = patient.pk not in found.not_to_call
    # Who cannot be called is written to, whatever they would like better.
    kind = calling.kind_for(patient, may_be_called=may_be_called)
    is_called = kind == StaffTask.Kind.CALL
    prefers_call = patient.preferred_channel == Patient.Channel.PHONE and is_called
    person = Person(
        hours=sending_hours.of(patient, hours),
        safety_hours=sending_hours.for_safety(patient, hours),
        seed=str(patient.pk),
        channels=channels,
        obstacle="" if prefers_call else requests.obstacle_of(patient, channels),
        prefers_call=prefers_call,
        may_be_called=may_be_called,
        resumes_at=sending_hours.resumes_at(patient, hours),
        is_flagged=patient.pk in found.flagged,
        is_held_back=any(one.pk in found.held_back for one in own),
        invitation_queued_at=found.invitation_queued_at.get(patient.pk),
        queued_at=found.queued_at.get(own[0].pk) if own else None,
        sent_at=found.sent_at.get(own[0].pk) if own else None,
    )
    zone = patient.time_zone
    views = [_row(row, zone, now) for row in rows]
    return Standing(patient, own, rows, person, views)


def _row(row: FollowUp, zone: str, now: datetime) -> Row:
    plan = row.episode.plan
    return Row(
        key=row.pk,
        place=(plan.pk, row.timepoint_key),
        course=row.episode.course,
        state=row.state,
        offset_days=row.offset_days,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        close_at=requests.ending(row, zone, now),
        next_action_at=row.next_action_at,
        ladder=_ladder(plan.protocol_id, row.is_safety),
        is_safety=row.is_safety,
        is_baseline=row.is_baseline,
        asked_at=row.asked_at,
        reminded_until=row.reminded_until,
        who=row.who,
        is_answered=row.is_answered,
    )


@functools.lru_cache(maxsize=2048)
def _ladder(protocol_id: UUID | None, is_safety: bool) -> tuple[ladder.Rung, ...]:
    """A published version never changes, so each is read once a process."""
    rungs = ReminderRung.objects.filter(protocol=protocol_id, is_safety=is_safety)
    return ladder.rungs_of(
        rungs.order_by("position").values_list("after_days", "channel")
    )
