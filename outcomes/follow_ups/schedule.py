"""Plans the follow-ups of a course of treatment, and moves them with its day 0."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from clinic import audit, clock
from clinic.models import User
from outcomes.follow_ups import calendar, requests, sending_hours
from outcomes.follow_ups.calendar import Desired, SendingHours
from outcomes.follow_ups.changes import (
    Beginning,
    Changes,
    Placed,
    comes_again,
    follow_ups_in_words,
)
from outcomes.models import Episode, FollowUp, Response
from patients.models import Patient
from plans.course import planned, series
from plans.models import Anchor, Intervention, Plan, Protocol

By = User | audit.Actor
State = FollowUp.State
PROCEDURE_CANCELLED = "the procedure was cancelled"
REPEATED = "a repeat of the procedure began the next course"
ENTERED_IN_ERROR = "the plan was entered in error"
CANCELLED = (Intervention.Status.CANCELLED, Intervention.Status.ENTERED_IN_ERROR)


@transaction.atomic
def plan_started(plan: Plan, *, by: By, **_: Any) -> None:
    """Open the course of treatment and plan its follow-ups."""
    if plan.protocol is not None:
        _open(
            plan, series.index_of(plan, 1) if _counts_from_procedure(plan) else None, by
        )


def _open(plan: Plan, procedure: Intervention | None, by: By) -> Episode:
    episode = Episode.objects.create(
        clinic_id=plan.clinic_id,
        patient=plan.complaint.patient,
        complaint=plan.complaint,
        plan=plan,
        course=procedure.course if procedure else 1,
        anchor=Anchor.INDEX_PROCEDURE if procedure else Anchor.PLAN_START,
        anchor_intervention=procedure,
        anchor_on=(procedure and procedure.on) or plan.started_on,
        series_began_on=_series_began(procedure),
        is_provisional=is_provisional(procedure),
    )
    apply(episode, by=by)
    return episode


def _counts_from_procedure(plan: Plan) -> bool:
    return plan.protocol is not None and plan.protocol.anchor == Anchor.INDEX_PROCEDURE


def _series_began(procedure: Intervention | None) -> date | None:
    return None if procedure is None else series.began_on(procedure)


def is_provisional(procedure: Intervention | None) -> bool:
    return procedure is not None and procedure.performed_on is None


@transaction.atomic
def intervention_changed(intervention: Intervention, *, by: By, **_: Any) -> None:
    """Let the course follow its procedure: performed, moved, cancelled or repeated."""
    plan = intervention.plan
    if not _counts_from_procedure(plan):
        return
    procedure = series.index_of(plan, intervention.course)
    episode = plan.episodes.filter(course=intervention.course).first()
    if episode is not None:
        _stand_on(episode, procedure, by)
    elif procedure is not None:
        _open(plan, procedure, by)
    _hand_over(plan, by)


def _stand_on(episode: Episode, procedure: Intervention | None, by: By) -> None:
    if procedure is None:
        end(episode, reason=PROCEDURE_CANCELLED, by=by)
        return
    episode.anchor_intervention = procedure
    episode.save(update_fields=["anchor_intervention"])
    if episode.status == Episode.Status.ACTIVE:
        apply(episode, by=by)
    elif episode.end_reason == PROCEDURE_CANCELLED:
        reopen(episode, by)


def reopen(episode: Episode, by: By) -> None:
    """Ask again about a course that was ended, as far as it is not over."""
    episode.status, episode.end_reason = Episode.Status.ACTIVE, ""
    episode.save(update_fields=["status", "end_reason"])
    apply(episode, by=by)


def _hand_over(plan: Plan, by: By) -> None:
    """A repeat that was performed ends the courses before; taken back, it does not."""
    performed = plan.interventions.filter(
        is_index=True, status=Intervention.Status.PERFORMED
    ).aggregate(last=Max("course"))["last"]
    for episode in plan.episodes.order_by("course"):
        is_over = performed is not None and episode.course < performed
        if is_over and episode.status == Episode.Status.ACTIVE:
            end(episode, reason=REPEATED, by=by)
        elif not is_over and episode.end_reason == REPEATED:
            reopen(episode, by)


@transaction.atomic
def plan_ended(plan: Plan, *, by: By, **_: Any) -> None:
    """A treatment that ends is still followed up; one that never was given is not."""
    is_void = plan.status == Plan.Status.ENTERED_IN_ERROR
    for episode in plan.episodes.filter(status=Episode.Status.ACTIVE):
        if is_void:
            end(episode, reason=ENTERED_IN_ERROR, by=by)
        elif episode.anchor == Anchor.INDEX_PROCEDURE:
            # Of a series that was broken off, what was given is followed up.
            _stand_on(episode, series.index_of(plan, episode.course), by)


@transaction.atomic
def plan_reopened(plan: Plan, *, by: By, **_: Any) -> None:
    """What ended because its procedure was cancelled with the plan goes on."""
    for episode in plan.episodes.filter(anchor=Anchor.INDEX_PROCEDURE):
        procedure = series.index_of(plan, episode.course)
        if procedure is not None:
            _stand_on(episode, procedure, by)


def renew(episode: Episode, *, by: By) -> None:
    """Let it stand on its procedure as it is now, and bring its rows in line."""
    if episode.anchor == Anchor.INDEX_PROCEDURE:
        _stand_on(episode, series.index_of(episode.plan, episode.course), by)
    else:
        apply(episode, by=by)


@transaction.atomic
def patient_updated(
    patient: Patient, *, by: By, changed: list[str] | None = None, **_: Any
) -> None:
    """Leaving ends the follow-ups, a new zone moves them, a new address asks again,
    and a hold that was set or ended is looked at anew.
    """
    now = clock.now()
    what = set(changed or [])
    patient = requests.lock(patient.pk)
    if not patient.is_in_follow_up:
        requests.leave(patient, now, by=by)
        return
    if "zone" in what:
        for episode in Episode.objects.filter(
            patient__in=patient.record_ids, status=Episode.Status.ACTIVE
        ):
            apply(episode, by=by)
    if what & {"email", "may_contact", "birth_date"}:
        requests.retry_unreachable(patient, now)
    if "hold_until" in what:
        requests.look_again(patient, now)


@transaction.atomic
def end(episode: Episode, *, reason: str, by: By) -> int:
    """Stop asking about this course; returns how many follow-ups it cancels."""
    patient = requests.lock(episode.patient_id)
    return requests.end([episode], patient, reason, clock.now(), by=by)


def standing_on(intervention: Intervention) -> list[Episode]:
    return list(
        Episode.objects.filter(
            anchor_intervention=intervention, status=Episode.Status.ACTIVE
        )
    )


def preview(
    episode: Episode, *, protocol: Protocol | None = None, day_0: date | None = None
) -> Changes:
    """What `apply` would do now, or by another version, or with another day 0."""
    procedure = _current_procedure(episode)
    return _changes(
        episode,
        day_0 or _anchor_day(episode, procedure),
        waits=is_provisional(procedure),
        protocol=protocol,
    )


def preview_plan(
    plan: Plan, *, procedure_on: date | None = None, **_: Any
) -> list[str]:
    """The same in words for a plan that is not stored yet."""
    if plan.protocol is None:
        return []
    anchor_on = planned.anchor_day(plan.protocol, plan.started_on, procedure_on)
    waits = _counts_from_procedure(plan)
    hours = sending_hours.of(plan.complaint.patient.kept)
    seed = str(plan.complaint.patient_id)
    begins_on = planned.procedure_day(plan.protocol, plan.started_on, procedure_on)
    points = calendar.desired(
        plan.protocol.timepoints.all(), anchor_on, hours, seed, begins_on
    )
    # Told as if the procedure was on its day: what is over by then is never asked.
    now = clock.now()
    placed = [_place(d, hours, waits=waits and d.close_at > now) for d in points]
    return Changes(planned=placed).in_words()


def preview_performed(
    intervention: Intervention, *, performed_on: date | None = None, **_: Any
) -> list[str]:
    """In words, for a procedure that is about to be recorded on that day."""
    day = performed_on or intervention.on
    if day is None:
        return []
    sentences = _preview_on(intervention, day, is_performed=True)
    earlier = _open_follow_ups(intervention.plan, before=intervention.course)
    if intervention.is_index and earlier:
        words = follow_ups_in_words(earlier)
        sentences.append(f"{words} of the course before end, because it is a repeat")
    return sentences


def preview_moved(intervention: Intervention, *, day: date, **_: Any) -> list[str]:
    """In words, for another day of what is planned or was performed."""
    is_done = intervention.performed_on is not None
    return _preview_on(intervention, day, is_performed=is_done)


def preview_cancelled(intervention: Intervention, **_: Any) -> list[str]:
    """In words, for a procedure that will not happen."""
    if not intervention.is_index:
        return []
    before = series.last_but(intervention)
    if before is not None and before.on is not None:
        done = before.performed_on is not None
        return [
            sentence
            for episode in standing_on(intervention)
            for sentence in _preview_at(episode, before.on, done).in_words()
        ]
    number = sum(
        episode.follow_ups.exclude(state__in=FollowUp.FINAL).count()
        for episode in standing_on(intervention)
    )
    return [f"{follow_ups_in_words(number)} cancelled"] if number else []


def _preview_on(
    intervention: Intervention, day: date, *, is_performed: bool
) -> list[str]:
    return [
        sentence
        for episode in standing_on(intervention)
        for sentence in _preview_at(episode, day, is_performed).in_words()
    ]


def _preview_at(episode: Episode, day: date, is_performed: bool) -> Changes:
    return _changes(episode, day, waits=not is_performed)


def _open_follow_ups(plan: Plan, *, before: int) -> int:
    rows = FollowUp.objects.filter(episode__plan=plan, episode__course__lt=before)
    return rows.exclude(state__in=FollowUp.FINAL).count()


@transaction.atomic
def apply(episode: Episode, *, by: By) -> Changes:
    """Bring the rows in line with the plan as it stands; doing it twice is once."""
    now = clock.now()
    patient = requests.lock(episode.patient_id)
    episode.refresh_from_db()
    procedure = _current_procedure(episode)
    if procedure is not None and procedure.status in CANCELLED:
        requests.end([episode], patient, PROCEDURE_CANCELLED, now, by=by)
        return Changes()
    if not patient.is_in_follow_up:
        requests.leave(patient, now, by=by)
        return Changes()
    before = episode.anchor_on
    is_first = not episode.follow_ups.exists()
    _set_anchor(episode, procedure)
    changes = _changes(episode, episode.anchor_on, waits=episode.is_provisional)
    _write(episode, changes, now, patient.time_zone)
    requests.settle(patient, now)
    if changes:
        episode.facts_due_at = now
        episode.save(update_fields=["facts_due_at"])
        audit.record(
            by=by,
            action="follow_ups.planned" if is_first else "follow_ups.moved",
            about=episode,
            anchor_before=before.isoformat(),
            anchor_after=episode.anchor_on.isoformat(),
            changes=changes.counts,
        )
    return changes


def _current_procedure(episode: Episode) -> Intervention | None:
    """As the database has it: the caller may hold an older copy."""
    if episode.anchor_intervention_id is None:
        return None
    return Intervention.objects.get(pk=episode.anchor_intervention_id)


def _anchor_day(episode: Episode, procedure: Intervention | None) -> date:
    day = procedure.on if procedure else episode.plan.started_on
    return day or episode.anchor_on


def _set_anchor(episode: Episode, procedure: Intervention | None) -> None:
    day = _anchor_day(episode, procedure)
    if day != episode.anchor_on:
        episode.revision += 1
    episode.anchor_on = day
    episode.is_provisional = is_provisional(procedure)
    episode.series_began_on = _series_began(procedure)
    episode.save(
        update_fields=["anchor_on", "series_began_on", "revision", "is_provisional"]
    )


def _changes(
    episode: Episode,
    anchor_on: date,
    *,
    waits: bool,
    protocol: Protocol | None = None,
) -> Changes:
    """Compare what should be with the rows that stand; started ones never move."""
    related = Patient.objects.select_related("clinic", "merged_into__clinic")
    hours = sending_hours.of(related.get(pk=episode.patient_id).kept)
    today = clock.today(hours.zone)
    rows = episode.follow_ups.exclude(state=State.SUPERSEDED)
    standing = {r.timepoint_key: r for r in rows if r.state != State.CANCELLED}
    cancelled = {r.timepoint_key: r for r in rows if r.state == State.CANCELLED}
    changes = Changes()
    answered = _answered(standing.values())
    begins_on = _begins_on(episode, anchor_on)
    seed = str(episode.patient_id)
    points = _points(protocol or episode.plan.protocol, standing)
    for one in calendar.desired(points, anchor_on, hours, seed, begins_on):
        placed = _place(one, hours, waits=waits)
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


def _begins_on(episode: Episode, anchor_on: date) -> date | None:
    """As its series has it; where its only procedure moves, the day moves along."""
    procedure = _current_procedure(episode)
    began = _series_began(procedure)
    return min(began, anchor_on) if began else None


def _answered(rows: Iterable[FollowUp]) -> dict[str, Response]:
    """The latest sealed response of each that was answered, by its time point."""
    keys = {row.pk: row.timepoint_key for row in rows if row.state == State.COMPLETED}
    sealed = Response.objects.filter(
        follow_up__in=keys, state=Response.State.SEALED
    ).select_related("follow_up")
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
    elif row.due_on == one.due_on or _never_moves(row):
        changes.stay.append(row)
    elif one.opens_on <= today <= one.closes_on:
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
_DAYS = ("label", "offset_days", "open_day", "close_day", "ask_day", "is_safety")


def _days(one: Desired) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _DAYS}


def _place(one: Desired, hours: SendingHours, *, waits: bool) -> Placed:
    """How a follow-up begins: "how was it after" waits until there is an after.

    Safety checks wait for nobody; they ask first whether it was done.
    """
    now = clock.now()
    close_at = calendar.ending(one.closes_on, hours.zone, now, waits=waits)
    is_before = one.is_baseline and one.close_at > now
    step = calendar.next_step(
        State.PLANNED,
        ask_at=one.ask_at if is_before or one.is_safety or not waits else None,
        close_at=close_at,
        hours=hours,
        now=now,
    )
    match step:
        case calendar.Expire(reason=reason):
            return Placed(one, Beginning(State.EXPIRED, reason, None))
        case calendar.Ask() | calendar.Wait():
            return Placed(one, Beginning(State.PLANNED, "", one.ask_at))
        case calendar.Nothing():
            return Placed(one, Beginning(State.PLANNED, "", None))


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
        _redate(episode, row, placed.desired, next_action_at=placed.desired.close_at)
    for row in changes.stay:
        end = requests.ending(row, zone, now)
        requests.change(row, row.state, row.state_reason, next_action_at=end)
    for row, _ in changes.superseded:
        requests.finish(row, State.SUPERSEDED, "day 0 moved", now)
    for row, _ in changes.again:
        requests.replace(row, "planned again")
    for turned, is_in in ((changes.left_window, False), (changes.came_in_window, True)):
        Response.objects.filter(
            follow_up__in=turned, state=Response.State.SEALED
        ).update(in_window=is_in)
    replaced = [*changes.superseded, *changes.again]
    fresh = [*changes.planned, *(placed for _, placed in replaced)]
    FollowUp.objects.bulk_create(_row(episode, placed) for placed in fresh)


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
        anchor_revision=episode.revision,
        state=start.state,
        state_reason=start.state_reason,
        next_action_at=start.next_action_at,
    )
