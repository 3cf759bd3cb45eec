"""Writes what was decided for many courses: a constant number of statements.

The caller holds the patients, and the open surveys that ask what is written here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic import audit, bulk
from clinic.audit import By
from outcomes.clinician_parts import tasks
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.calendar import Desired
from outcomes.follow_ups.changes import Changes, Placed
from outcomes.follow_ups.course_rows import Course, StandingRow
from outcomes.follow_ups.replanning import DAYS
from outcomes.models import Episode, FollowUp, Response

State = FollowUp.State
DAY_0_MOVED, PLANNED_AGAIN = "day 0 moved", "planned again"
GONE = "no longer in the protocol"
_DATES = ("opens_on", "due_on", "closes_on")
_COURSE = (
    *("anchor_intervention", "anchor_on", "series_began_on"),
    *("revision", "is_provisional", "facts_due_at"),
)
_ROW = (
    *(*_DATES, *DAYS),
    *("anchor_revision", "state", "state_reason", "next_action_at"),
)


@dataclass(slots=True)
class Rewrite:
    """One course as it stands now, and what is done to its follow-ups."""

    course: Course
    changes: Changes
    action: str = "follow_ups.moved"
    episode: Episode = field(init=False)

    def __post_init__(self) -> None:
        self.episode = _anchored(self.course)

    @property
    def is_anchored_anew(self) -> bool:
        head, episode = self.course.head, self.episode
        return (
            episode.anchor_intervention_id != head.anchor_intervention_id
            or episode.anchor_on != head.anchor_on
            or episode.series_began_on != head.series_began_on
            or episode.is_provisional != head.is_provisional
        )

    @property
    def begins_anew(self) -> bool:
        head = self.course.head
        return self.episode.begins_on != (head.series_began_on or head.anchor_on)

    @property
    def is_told(self) -> bool:
        return (
            bool(self.changes) or self.episode.anchor_on != self.course.head.anchor_on
        )


def _anchored(course: Course) -> Episode:
    head, day = course.head, course.anchor_on
    return Episode(
        id=head.pk,
        clinic_id=head.clinic_id,
        patient_id=head.patient_id,
        anchor_intervention_id=head.procedure_id
        if course.has_procedure
        else head.anchor_intervention_id,
        anchor_on=day,
        series_began_on=course.began_on,
        revision=head.revision + (day != head.anchor_on),
        is_provisional=course.is_provisional,
    )


def write(rewrites: Sequence[Rewrite], now: datetime) -> None:
    """The rows of all of them, and their courses."""
    changed: list[FollowUp] = []
    fresh: list[FollowUp] = []
    for one in rewrites:
        changed += _changed(one, now)
        fresh += _fresh(one)
    bulk.update(changed, _ROW)
    bulk.insert(fresh)
    _end_tasks(rewrites, now)
    tasks.follow(
        fresh,
        [pair for one in rewrites for pair in one.changes.moved],
        [pair for one in rewrites for pair in one.changes.kept_open],
        now,
    )
    read_again([one.changes for one in rewrites])
    _write_courses(rewrites, now)


def _write_courses(rewrites: Sequence[Rewrite], now: datetime) -> None:
    """Their facts follow."""
    moved = [one.episode for one in rewrites if one.changes or one.is_anchored_anew]
    for episode in moved:
        episode.facts_due_at = now
    bulk.update(moved, _COURSE)


def tell(rewrites: Iterable[Rewrite], *, by: By) -> None:
    entries = [
        audit.Entry(
            one.action,
            one.episode,
            {
                "anchor_before": one.course.head.anchor_on.isoformat(),
                "anchor_after": one.episode.anchor_on.isoformat(),
                "changes": one.changes.counts,
            },
        )
        for one in rewrites
    ]
    audit.record_all(entries, by=by)


def read_again(found: Sequence[Changes]) -> None:
    """Whether answers lie in their windows, as their courses stand now."""
    left = [row.pk for one in found for row in one.left_window]
    came = [row.pk for one in found for row in one.came_in_window]
    for turned, is_in in ((left, False), (came, True)):
        if turned:
            Response.objects.filter(
                follow_up__in=turned, state=Response.State.SEALED
            ).update(in_window=is_in)


def _end_tasks(rewrites: Sequence[Rewrite], now: datetime) -> None:
    superseded = [row.pk for one in rewrites for row, _ in one.changes.superseded]
    gone = [row.pk for one in rewrites for row in one.changes.gone]
    for ended, reason in ((superseded, DAY_0_MOVED), (gone, GONE)):
        if ended:
            staff_tasks.cancel(ended, reason, now)


def _changed(one: Rewrite, now: datetime) -> Iterable[FollowUp]:
    changes, revision = one.changes, one.episode.revision
    for row, placed in changes.moved:
        start = placed.beginning
        yield _stored(
            row,
            placed.desired,
            anchor_revision=revision,
            state=start.state,
            state_reason=start.state_reason,
            next_action_at=start.next_action_at,
        )
    for row, placed in changes.kept_open:
        yield _stored(row, placed.desired, anchor_revision=revision, next_action_at=now)
    for row in changes.stay:
        # The engine looks when the next reminder, or the end, is now.
        yield _stored(row, row, next_action_at=now)
    for row, _ in changes.superseded:
        yield _ended(row, State.SUPERSEDED, DAY_0_MOVED)
    for row, _ in changes.again:
        yield _ended(row, State.SUPERSEDED, PLANNED_AGAIN)
    for row in changes.gone:
        yield _ended(row, State.CANCELLED, GONE)


def _ended(row: StandingRow, state: str, reason: str) -> FollowUp:
    return _stored(row, row, state=state, state_reason=reason, next_action_at=None)


def _stored(row: StandingRow, dated: StandingRow | Desired, **changes: Any) -> FollowUp:
    return FollowUp(
        id=row.pk,
        opens_on=dated.opens_on,
        due_on=dated.due_on,
        closes_on=dated.closes_on,
        label=dated.label,
        offset_days=dated.offset_days,
        open_day=dated.open_day,
        close_day=dated.close_day,
        ask_day=dated.ask_day,
        is_safety=dated.is_safety,
        who=dated.who,
        **{
            "anchor_revision": row.anchor_revision,
            "state": row.state,
            "state_reason": row.state_reason,
            **changes,
        },
    )


def _fresh(one: Rewrite) -> Iterable[FollowUp]:
    replaced = [*one.changes.superseded, *one.changes.again]
    for placed in [*one.changes.planned, *(placed for _, placed in replaced)]:
        yield _row(one.episode, placed)


def _row(episode: Episode, placed: Placed) -> FollowUp:
    one, start = placed.desired, placed.beginning
    return FollowUp(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        episode_id=episode.pk,
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
