"""Brings the follow-ups of a course of treatment in line with its day 0."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from outcomes.clinician_parts import tasks
from outcomes.follow_ups import calendar, requests, sending_hours
from outcomes.follow_ups.calendar import Desired, SendingHours
from outcomes.follow_ups.changes import (
    Beginning,
    Changes,
    Placed,
    comes_again,
)
from outcomes.models import Episode, FollowUp, Provenance, Response
from outcomes.survey import scores
from patients.models import Patient
from plans.course import series
from plans.models import Intervention, Protocol

State = FollowUp.State
EndedBy = Episode.EndedBy
CANCELLED = (Intervention.Status.CANCELLED, Intervention.Status.ENTERED_IN_ERROR)


def series_began(procedure: Intervention | None) -> date | None:
    return None if procedure is None else series.began_on(procedure)


def is_provisional(procedure: Intervention | None) -> bool:
    return procedure is not None and procedure.performed_on is None


@transaction.atomic
def end(episode: Episode, ended_by: EndedBy, *, by: By, reason: str = "") -> int:
    """Stop asking about this course; returns how many follow-ups it cancels."""
    patient, now = requests.lock(episode.patient_id), clock.now()
    return requests.end([episode], patient, ended_by, now, by=by, reason=reason)


def preview(episode: Episode) -> Changes:
    """What `apply` would do now."""
    procedure = _current_procedure(episode)
    return changes_to(
        episode,
        _anchor_day(episode, procedure),
        waits=is_provisional(procedure),
        began_on=series_began(procedure),
    )


@transaction.atomic
def apply(episode: Episode, *, by: By) -> Changes:
    """Bring the rows in line with the plan as it stands; doing it twice is once."""
    now = clock.now()
    patient = requests.lock(episode.patient_id)
    episode.refresh_from_db()
    procedure = _current_procedure(episode)
    if procedure is not None and procedure.status in CANCELLED:
        requests.end([episode], patient, EndedBy.PROCEDURE_CANCELLED, now, by=by)
        return Changes()
    if not patient.is_in_follow_up:
        requests.leave(patient, now, by=by)
        return Changes()
    before = episode.anchor_on
    is_first = not episode.follow_ups.exists()
    _set_anchor(episode, procedure)
    changes = changes_to(
        episode,
        episode.anchor_on,
        waits=episode.is_provisional,
        began_on=episode.series_began_on,
    )
    _write(episode, changes, now, patient.time_zone)
    requests.settle(patient, now)
    if changes:
        action = "follow_ups.planned" if is_first else "follow_ups.moved"
        _tell_moved(episode, changes, before, by, action)
    return changes


def answers_against(
    episode: Episode, anchor_on: date, *, began_on: date | None
) -> Changes:
    """What another day 0 does to a course that asks no more: it reads its answers."""
    read = changes_to(episode, anchor_on, waits=False, began_on=began_on)
    return Changes(left_window=read.left_window, came_in_window=read.came_in_window)


@transaction.atomic
def redate(episode: Episode, *, by: By) -> Changes:
    """Let a course that ended stand on its procedure's day; nobody is asked."""
    requests.lock(episode.patient_id)
    episode.refresh_from_db()
    before = episode.anchor_on
    _set_anchor(episode, _current_procedure(episode))
    changes = answers_against(
        episode, episode.anchor_on, began_on=episode.series_began_on
    )
    _read_again(changes)
    if changes or episode.anchor_on != before:
        _tell_moved(episode, changes, before, by)
    return changes


def _tell_moved(
    episode: Episode,
    changes: Changes,
    before: date,
    by: By,
    action: str = "follow_ups.moved",
) -> None:
    episode.facts_due_at = clock.now()
    episode.save(update_fields=["facts_due_at"])
    audit.record(
        by=by,
        action=action,
        about=episode,
        anchor_before=before.isoformat(),
        anchor_after=episode.anchor_on.isoformat(),
        changes=changes.counts,
    )


def _current_procedure(episode: Episode) -> Intervention | None:
    """As the database has it: the caller may hold an older copy."""
    if episode.anchor_intervention_id is None:
        return None
    return Intervention.objects.get(pk=episode.anchor_intervention_id)


def _anchor_day(episode: Episode, procedure: Intervention | None) -> date:
    day = procedure.on if procedure else episode.plan.started_on
    return day or episode.anchor_on


def _set_anchor(episode: Episode, procedure: Intervention | None) -> None:
    day, begun = _anchor_day(episode, procedure), episode.begins_on
    if day != episode.anchor_on:
        episode.revision += 1
    episode.anchor_on = day
    episode.is_provisional = is_provisional(procedure)
    episode.series_began_on = series_began(procedure)
    episode.save(
        update_fields=["anchor_on", "series_began_on", "revision", "is_provisional"]
    )
    if episode.begins_on != begun:
        scores.follow_day_0(episode)


def changes_to(
    episode: Episode,
    anchor_on: date,
    *,
    waits: bool,
    began_on: date | None,
    protocol: Protocol | None = None,
) -> Changes:
    """Compare what should be with the rows that stand; started ones never move.

    `began_on` is the first day of the series that the anchor is the last of.
    """
    related = Patient.objects.select_related("clinic", "merged_into__clinic")
    hours = sending_hours.of(related.get(pk=episode.patient_id).kept)
    today = clock.today(hours.zone)
    rows = episode.follow_ups.exclude(state=State.SUPERSEDED)
    standing = {r.timepoint_key: r for r in rows if r.state != State.CANCELLED}
    cancelled = {r.timepoint_key: r for r in rows if r.state == State.CANCELLED}
    changes = Changes()
    answered = _answered(standing.values())
    begins_on = min(began_on, anchor_on) if began_on else None
    seed = str(episode.patient_id)
    points = _points(protocol or episode.plan.protocol, standing)
    for one in calendar.desired(points, anchor_on, hours, seed, begins_on):
        placed = place(one, hours, waits=waits)
        row = standing.get(one.key) or cancelled.get(one.key)
        if row is None or row.state not in FollowUp.FINAL:
            _sort(changes, row, placed, today)
        elif comes_again(row, placed, today, waits=waits):
            changes.again.append((row, placed))
        _read_window(changes, answered.get(one.key), placed)
    return changes


def _points(
    protocol: Protocol | None, standing: Mapping[str, FollowUp]
) -> list[calendar.TimepointLike]:
    """A version's; what was asked keeps the days by which it was asked."""
    if protocol is None:
        return []
    points: dict[str, calendar.TimepointLike] = {
        point.key: point for point in protocol.timepoints.all()
    }
    for key, row in standing.items():
        if row.state != State.PLANNED:
            points[key] = calendar.AskedPoint.of(key, row)
    return list(points.values())


def _answered(rows: Iterable[FollowUp]) -> dict[str, Response]:
    """The patient's latest response to each that was answered, by its time point."""
    keys = {row.pk: row.timepoint_key for row in rows if row.is_answered}
    sealed = (
        Response.objects.filter(follow_up__in=keys, state=Response.State.SEALED)
        .exclude(provenance=Provenance.CLINIC)
        .select_related("follow_up")
    )
    return {keys[one.follow_up_id]: one for one in sealed.order_by("revision")}


def _read_window(changes: Changes, response: Response | None, placed: Placed) -> None:
    if response is None or response.answered_on is None:
        return
    window = placed.desired.opens_on, placed.desired.closes_on
    is_in = window[0] <= response.answered_on <= window[1]
    if is_in != response.in_window:
        turned = changes.came_in_window if is_in else changes.left_window
        turned.append(response.follow_up)


def _sort(changes: Changes, row: FollowUp | None, placed: Placed, today: date) -> None:
    one = placed.desired
    if row is None:
        changes.planned.append(placed)
    elif row.state == State.PLANNED:
        if _differs(row, placed):
            changes.moved.append((row, placed))
    elif row.due_on == one.due_on:
        changes.stay.append(row)
    elif row.is_clinicians_alone:
        changes.moved.append((row, placed))
    else:
        _sort_asked(changes, row, placed, today)


def _sort_asked(changes: Changes, row: FollowUp, placed: Placed, today: date) -> None:
    """Of one that is answered the clinic's part still moves with its procedure."""
    is_now = placed.desired.opens_on <= today <= placed.desired.closes_on
    if row.is_answered or (is_now and not _never_moves(row)):
        changes.kept_open.append((row, placed))
    elif row.state == State.STARTED and not row.is_safety:
        changes.stay.append(row)
    else:
        changes.superseded.append((row, placed))


def _never_moves(row: FollowUp) -> bool:
    """Begun; only what hangs on one day goes with its procedure, whenever that is."""
    return row.state == State.STARTED and not (row.is_baseline or row.is_safety)


def _differs(row: FollowUp, placed: Placed) -> bool:
    one, start = placed.desired, placed.beginning
    stands = (row.due_on, row.state, row.next_action_at)
    becomes = (one.due_on, start.state, start.next_action_at)
    days = {name: getattr(row, name) for name in _DAYS}
    return stands != becomes or days != _days(one)


# What a row has from its time point, beside the dates.
_DAYS = (
    *("label", "offset_days", "open_day", "close_day", "ask_day"),
    *("is_safety", "who"),
)


def _days(one: Desired) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _DAYS}


def place(one: Desired, hours: SendingHours, *, waits: bool) -> Placed:
    """How a follow-up begins: "how was it after" waits until there is an after.

    Safety checks wait for nobody; they ask first whether it was done.
    """
    now = clock.now()
    is_before = one.is_baseline and one.close_at > now
    if waits and not (is_before or one.is_safety):
        return Placed(one, Beginning(State.PLANNED, "", None))
    close_at = calendar.ending(one.closes_on, hours.zone, now, waits=waits)
    if close_at <= now and not _may_be_recorded(one, now):
        return Placed(one, Beginning(State.EXPIRED, calendar.NEVER_ASKED, None))
    return Placed(one, Beginning(State.PLANNED, "", one.ask_at))


def _may_be_recorded(one: Desired, now: datetime) -> bool:
    """Whether the next tick asks the record if the clinic did its part in time."""
    is_recent = one.close_at + calendar.RECORDED_WITHIN > now
    return one.who == calendar.CLINICIAN and is_recent


def _write(episode: Episode, changes: Changes, now: datetime, zone: str) -> None:
    for row, placed in changes.moved:
        start = placed.beginning
        _redate(
            episode,
            row,
            placed.desired,
            state=start.state,
            state_reason=start.state_reason,
            next_action_at=start.next_action_at,
        )
    for row, placed in changes.kept_open:
        _redate(episode, row, placed.desired, next_action_at=now)
    for row in changes.stay:
        # The engine looks when the next reminder, or the end, is now.
        requests.change(row, row.state, row.state_reason, next_action_at=now)
    for row, _ in changes.superseded:
        requests.finish(row, State.SUPERSEDED, "day 0 moved", now)
    for row, _ in changes.again:
        requests.replace(row, "planned again")
    _read_again(changes)
    replaced = [*changes.superseded, *changes.again]
    fresh = [*changes.planned, *(placed for _, placed in replaced)]
    rows = FollowUp.objects.bulk_create(_row(episode, placed) for placed in fresh)
    tasks.follow(episode, rows, changes, now)


def _read_again(changes: Changes) -> None:
    """Whether an answer lies in its window, as its course stands now."""
    for turned, is_in in ((changes.left_window, False), (changes.came_in_window, True)):
        Response.objects.filter(
            follow_up__in=turned, state=Response.State.SEALED
        ).update(in_window=is_in)


def _redate(episode: Episode, row: FollowUp, one: Desired, **changes: Any) -> None:
    FollowUp.objects.filter(pk=row.pk, state=row.state).update(
        opens_on=one.opens_on,
        due_on=one.due_on,
        closes_on=one.closes_on,
        anchor_revision=episode.revision,
        **_days(one),
        **changes,
    )


def _row(episode: Episode, placed: Placed) -> FollowUp:
    one, start = placed.desired, placed.beginning
    return FollowUp(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        episode=episode,
        timepoint_key=one.key,
        label=one.label,
        offset_days=one.offset_days,
        open_day=one.open_day,
        close_day=one.close_day,
        ask_day=one.ask_day,
        opens_on=one.opens_on,
        due_on=one.due_on,
        closes_on=one.closes_on,
        is_baseline=one.is_baseline,
        is_safety=one.is_safety,
        who=one.who,
        anchor_revision=episode.revision,
        state=start.state,
        state_reason=start.state_reason,
        next_action_at=start.next_action_at,
    )
