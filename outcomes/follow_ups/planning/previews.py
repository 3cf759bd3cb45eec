"""What a change to a plan would do to its follow-ups, said before it is made.

Each is the mirror of a verb of `courses`, on interventions as they would be.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clinic import clock
from clinic.consequences import Effect
from outcomes.follow_ups.planning import (
    calendar,
    courses,
    replanning,
    schedule,
    sending_hours,
)
from outcomes.follow_ups.planning.changes import Changes, cancelling
from outcomes.models import Episode, FollowUp
from plans.course import planned, series, supposed
from plans.models import Anchor, Intervention, Plan, Protocol

EndedBy = Episode.EndedBy
Rows = Sequence[Intervention]


def plan_started(
    plan: Plan,
    *,
    procedure_on: date | None = None,
    rows: Rows | None = None,
    **_: Any,
) -> Effect:
    """For a plan that is not stored yet, or of what `rows` say an intended one has."""
    if plan.protocol is None:
        return Effect()
    anchor_on, begins_on = _anchor(plan, plan.protocol, procedure_on, rows)
    waits = courses.counts_from_procedure(plan)
    hours = sending_hours.of(plan.complaint.patient.kept)
    seed = str(plan.complaint.patient_id)
    points = calendar.desired(
        plan.protocol.timepoints.all(), anchor_on, hours, seed, begins_on
    )
    # Told as if the procedure was on its day: what is over by then is never asked.
    now = clock.now()
    placed = [
        replanning.place(one, hours, now, waits=waits and one.close_at > now)
        for one in points
    ]
    return Changes(planned=placed).effect()


def _anchor(
    plan: Plan, protocol: Protocol, procedure_on: date | None, rows: Rows | None
) -> tuple[date, date | None]:
    """Day 0, and the day up to which a baseline is taken."""
    if rows is None:
        given = (protocol, plan.started_on, procedure_on)
        return planned.anchor_day(*given), planned.procedure_day(*given)
    index = series.index_among(rows, 1)
    if index is None or index.on is None:
        return plan.started_on, None
    return index.on, series.began_among(rows, index)


def performed(
    intervention: Intervention, *, performed_on: date | None = None, **_: Any
) -> Effect:
    """For a procedure that is about to be recorded on that day."""
    day = performed_on or intervention.on
    if day is None:
        return Effect()
    return _changed(intervention, supposed.performed(intervention, day))


def moved(intervention: Intervention, *, day: date, **_: Any) -> Effect:
    """For another day of what is planned or was performed."""
    return _changed(intervention, supposed.moved(intervention, day))


def cancelled(intervention: Intervention, **_: Any) -> Effect:
    return _changed(intervention, supposed.cancelled(intervention))


def planned_again(intervention: Intervention, **_: Any) -> Effect:
    return _changed(intervention, supposed.planned_again(intervention))


def taken_back(
    intervention: Intervention, *, plan_again: bool = True, **_: Any
) -> Effect:
    rows = supposed.taken_back(intervention, plan_again=plan_again)
    return _changed(intervention, rows)


def plan_ended(plan: Plan, *, is_void: bool = False, **_: Any) -> Effect:
    """Only what never was given is asked about no more."""
    rows, found = supposed.ended(plan), Effect()
    if is_void:
        for episode in plan.episodes.filter(status=Episode.Status.ACTIVE):
            found += cancelling(_open(episode))
        return found
    for episode in plan.episodes.filter(anchor=Anchor.INDEX_PROCEDURE):
        found += standing_on(episode, rows)
    return found


def plan_reopened(plan: Plan, **_: Any) -> Effect:
    rows, found = supposed.reopened(plan), Effect()
    for episode in plan.episodes.filter(anchor=Anchor.INDEX_PROCEDURE):
        if series.index_among(rows, episode.course) is not None:
            found += standing_on(episode, rows)
    return found


def _changed(intervention: Intervention, rows: Rows) -> Effect:
    plan = intervention.plan
    if not courses.counts_from_procedure(plan):
        return Effect()
    episodes = list(plan.episodes.order_by("course"))
    own = [one for one in episodes if one.course == intervention.course]
    found = Effect()
    for episode in own:
        found += standing_on(episode, rows)
    return found + _handed_over(episodes, rows)


def standing_on(
    episode: Episode, rows: Rows, *, protocol: Protocol | None = None
) -> Effect:
    """What a course would do on its procedure as it would be then."""
    is_active = episode.status == Episode.Status.ACTIVE
    if episode.anchor != Anchor.INDEX_PROCEDURE:
        return _from_start(episode, protocol) if is_active else Effect()
    procedure = series.index_among(rows, episode.course)
    if procedure is None:
        return cancelling(_open(episode)) if is_active else Effect()
    if is_active or episode.ended_by == EndedBy.PROCEDURE_CANCELLED:
        return _asked(episode, procedure, rows, protocol)
    if episode.ended_by == EndedBy.REPEATED:
        return Effect()  # Whether that goes on, the last course says: `_handed_over`.
    return _read_anew(episode, procedure, rows)


def _read_anew(episode: Episode, procedure: Intervention, rows: Rows) -> Effect:
    """Of a course that stays ended only the answers are read against another day."""
    began_on = series.began_among(rows, procedure)
    anchor_on = procedure.on or episode.anchor_on
    return schedule.answers_against(episode, anchor_on, began_on=began_on).effect()


def _from_start(episode: Episode, protocol: Protocol | None) -> Effect:
    changes = schedule.changes_to(
        episode,
        episode.plan.started_on,
        waits=False,
        began_on=None,
        protocol=protocol,
    )
    return changes.effect()


def _asked(
    episode: Episode,
    procedure: Intervention,
    rows: Rows,
    protocol: Protocol | None = None,
) -> Effect:
    """Nobody who died or withdrew is asked again."""
    if not episode.patient.kept.is_in_follow_up:
        return Effect()
    changes = schedule.changes_to(
        episode,
        procedure.on or episode.anchor_on,
        waits=procedure.performed_on is None,
        began_on=series.began_among(rows, procedure),
        protocol=protocol,
    )
    return changes.effect()


def _handed_over(episodes: Sequence[Episode], rows: Rows) -> Effect:
    """A repeat that was performed ends the courses before; taken back, it does not."""
    last = _last_performed(episodes, rows)
    found = Effect()
    for episode in episodes:
        procedure = series.index_among(rows, episode.course)
        is_over = episode.course < last
        if is_over and episode.status == Episode.Status.ACTIVE:
            because = "of the course before end, because it is a repeat"
            found += cancelling(_open(episode), because)
        elif procedure and episode.ended_by == EndedBy.REPEATED:
            goes_on = _read_anew if is_over else _asked
            found += goes_on(episode, procedure, rows)
    return found


def _last_performed(episodes: Sequence[Episode], rows: Rows) -> int:
    done = [
        episode.course
        for episode in episodes
        if (one := series.index_among(rows, episode.course))
        and one.performed_on
        and one.status == Intervention.Status.PERFORMED
    ]
    return max(done, default=0)


def _open(episode: Episode) -> list[FollowUp]:
    """What would be cancelled; what the patient answered stays."""
    rows = episode.follow_ups.exclude(state__in=FollowUp.FINAL)
    return list(rows.exclude(FollowUp.ANSWERED))
