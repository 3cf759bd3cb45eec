"""Writes what was decided about many patients, in a constant number of statements.

The caller holds the patients, so that what was read still stands.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Model

from clinic import audit, bulk
from clinic.models import uuid7
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.engine import asking, calling, messages, requests, unreachable
from outcomes.follow_ups.engine.asking import Decision
from outcomes.follow_ups.engine.standing import Standing
from outcomes.follow_ups.planning import calendar
from outcomes.intake import endings
from outcomes.models import Episode, FollowUp, Intake, Message, StaffTask, SurveyRequest

State = FollowUp.State
Pair = tuple[Standing, Decision]
ASKED = ("state", "state_reason", "next_action_at", "request", "asked_at")
REMINDED = ("next_action_at", "reminded_until")
ENDED = ("state", "state_reason", "next_action_at")
WINDOW_CLOSED = "the window closed"


@dataclass(slots=True)
class _Work:
    """Rows to write, gathered over all patients of the batch."""

    now: datetime
    opened: list[FollowUp] = field(default_factory=list)
    looked_at: list[FollowUp] = field(default_factory=list)
    ended: list[FollowUp] = field(default_factory=list)
    new_requests: list[SurveyRequest] = field(default_factory=list)
    fitted: list[SurveyRequest] = field(default_factory=list)
    drafts: list[messages.Draft] = field(default_factory=list)
    tasks: list[StaffTask] = field(default_factory=list)
    told: list[audit.Entry] = field(default_factory=list)


def carry_out(pairs: Sequence[Pair], now: datetime) -> None:
    """Follow-ups first, then the surveys that hold them, then what is written."""
    endings.expire([standing.patient for standing, _ in pairs], now)
    work = _Work(now)
    for standing, decision in pairs:
        _end(standing, decision, work)
        _wait(standing, decision, work)
        _open(standing, decision, work)
        _hand_over(standing, decision, work)
        _ask(standing, decision, work)
        _fit_length(standing, decision, work)
        _call(standing, decision, work)
    _settle([standing for standing, _ in pairs], work)
    bulk.insert(work.new_requests)
    bulk.update(work.fitted, ["is_rescue"])
    bulk.update(work.opened, ASKED)
    bulk.update(work.looked_at, REMINDED)
    _write_ends(work)
    messages.write_all(work.drafts, now)
    staff_tasks.open_all(work.tasks)
    audit.record_all(work.told, by=audit.SYSTEM)


def _end(standing: Standing, decision: Decision, work: _Work) -> None:
    ended = []
    for one in decision.expired:
        row = standing.follow_up(one.row)
        row.state, row.state_reason = State.EXPIRED, one.reason
        row.next_action_at = None
        ended.append(row)
    work.ended += ended
    if ended:
        work.told.append(_told("follow_ups.expired", standing.patient, ended))


def _write_ends(work: _Work) -> None:
    bulk.update(work.ended, ENDED)
    episodes = {row.episode_id for row in work.ended}
    if episodes:
        Episode.objects.filter(pk__in=episodes).update(facts_due_at=work.now)
        ids = [row.pk for row in work.ended]
        staff_tasks.cancel(ids, WINDOW_CLOSED, work.now)


def _wait(standing: Standing, decision: Decision, work: _Work) -> None:
    for one in decision.waits:
        row = standing.follow_up(one.row)
        row.next_action_at = one.until
        row.reminded_until = one.reminded_until or row.reminded_until
        work.looked_at.append(row)


def _open(standing: Standing, decision: Decision, work: _Work) -> None:
    for one in decision.opened:
        row = standing.follow_up(one.row)
        row.state, row.state_reason = State.OPEN, ""
        row.next_action_at = one.row.close_at
        work.opened.append(row)


def _hand_over(standing: Standing, decision: Decision, work: _Work) -> None:
    """To staff: nothing can be written, or it is too late for that."""
    patient, may_be_called = standing.patient, standing.person.may_be_called
    today = calendar.local_day(work.now, patient.time_zone)
    for one in decision.handed_over:
        row = standing.follow_up(one.row)
        row.next_action_at = one.row.close_at
        kind = calling.kind_for(patient, may_be_called=may_be_called)
        if one.state == State.UNREACHABLE:
            task = unreachable.became(row, one.reason, kind, today)
        else:
            row.state, row.state_reason = State.OPEN, one.reason
            row.request = _request(standing, work)
            task = staff_tasks.made(
                row,
                kind=kind,
                reason=StaffTask.Reason.LATE,
                due_on=today,
                rung=asking.INVITE,
            )
        work.opened.append(row)
        work.tasks.append(task)


def _ask(standing: Standing, decision: Decision, work: _Work) -> None:
    asked = []
    for one in decision.asked:
        row = standing.follow_up(one.row)
        row.state, row.state_reason = State.OPEN, ""
        row.next_action_at = one.next_action_at
        row.request, row.asked_at = _request(standing, work), work.now
        asked.append(row)
    work.opened += asked
    if asked:
        work.told.append(_told("survey.asked", _request(standing, work), asked))
    if decision.message:
        request = _request(standing, work)
        work.drafts.append(messages.Draft(request, decision.message))


def _fit_length(standing: Standing, decision: Decision, work: _Work) -> None:
    """Three taps from the last reminder on, unless something has time left."""
    message = decision.message
    is_last = message is not None and message.kind == Message.Kind.RESCUE
    for request in standing.requests[:1]:
        if is_last or request.is_rescue:
            was_rescue = request.is_rescue
            soon = {row.key for row in asking.closing_soon(standing.rows, work.now)}
            own = [row for row in _pending(standing) if row.request_id == request.pk]
            request.is_rescue = all(row.pk in soon for row in own)
            if request.is_rescue != was_rescue:
                work.fitted.append(request)


def _call(standing: Standing, decision: Decision, work: _Work) -> None:
    """Who may not or cannot be called does not end without a word either."""
    may_be_called = standing.person.may_be_called
    kind = calling.kind_for(standing.patient, may_be_called=may_be_called)
    for one in decision.calls:
        row = standing.follow_up(one.row)
        work.tasks.append(
            staff_tasks.made(
                row,
                kind=kind,
                reason=_why_called(one),
                due_on=one.due_on,
                rung=one.rung,
            )
        )


def _why_called(call: asking.Call) -> StaffTask.Reason:
    if call.rung == asking.INVITE:
        return StaffTask.Reason.PREFERS
    is_safety = call.row.is_safety
    return StaffTask.Reason.SAFETY if is_safety else StaffTask.Reason.SILENT


def _request(standing: Standing, work: _Work) -> SurveyRequest:
    """The patient's open survey; made where there is none."""
    if not standing.requests:
        patient = standing.patient
        made = SurveyRequest(
            id=uuid7(),
            clinic_id=patient.clinic_id,
            patient=patient,
            language=patient.language,
            created_at=work.now,
            closes_at=work.now,
        )
        standing.requests.append(made)
        work.new_requests.append(made)
    return standing.requests[0]


def _settle(standings: Sequence[Standing], work: _Work) -> None:
    """Each open survey ends with the last thing it asks, or now if nothing is left."""
    held = [request for standing in standings for request in standing.requests]
    intakes = _intake_ends(held)
    for standing in standings:
        for request in standing.requests:
            ends = [*_ends(standing, request, work.now), *intakes[request.pk]]
            if ends:
                _keep_open_until(request, max(ends), work)
            else:
                requests.close(request, work.now)


def _keep_open_until(request: SurveyRequest, closes_at: datetime, work: _Work) -> None:
    is_new = any(request is one for one in work.new_requests)
    has_moved, request.closes_at = closes_at != request.closes_at, closes_at
    if has_moved and not is_new:
        requests.move_end(request, closes_at)


def _ends(
    standing: Standing, request: SurveyRequest, now: datetime
) -> Iterator[datetime]:
    for row in _pending(standing):
        if row.request_id == request.pk:
            yield requests.survey_end(row, standing.patient.time_zone, now)


def _pending(standing: Standing) -> Iterator[FollowUp]:
    """What still waits for the patient."""
    return (
        row
        for row in standing.follow_ups
        if row.state not in FollowUp.FINAL and not row.is_answered
    )


def _intake_ends(held: Iterable[SurveyRequest]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = defaultdict(list)
    open_ones = Intake.objects.filter(
        request__in=[one.pk for one in held], state__in=Intake.OPEN
    )
    for request_id, closes_at in open_ones.values_list("request", "closes_at"):
        found[request_id].append(closes_at)
    return found


def _told(action: str, about: Model, rows: Iterable[FollowUp]) -> audit.Entry:
    listed = [f"{row.pk} {row.timepoint_key}" for row in rows]
    return audit.Entry(action, about, {"follow_ups": listed})
