"""Writes what was decided for many courses: a constant number of statements.

The caller holds the patients, and the open surveys that ask what is written here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from clinic import audit, bulk
from clinic.audit import By
from clinic.models import uuid7
from outcomes.clinician_parts import tasks
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.planning.calendar import Desired
from outcomes.follow_ups.planning.changes import Changes, Placed
from outcomes.follow_ups.planning.course_rows import Course, StandingRow
from outcomes.models import Episode, FollowUp, Response
from plans.models import Timepoint

State = FollowUp.State
Who = Timepoint.Who
DAY_0_MOVED, PLANNED_AGAIN = "day 0 moved", "planned again"
GONE = "no longer in the protocol"


class _Row(NamedTuple):
    """What of a follow-up is written; a model would take ten times as long."""

    id: UUID
    opens_on: date
    due_on: date
    closes_on: date
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    is_safety: bool
    who: str
    anchor_revision: int
    state: str
    state_reason: str
    next_action_at: datetime | None


_WRITTEN = _Row._fields[1:]
_read = attrgetter(*_WRITTEN)
_MANY = 200


@dataclass(slots=True)
class Rewrite:
    """One course as it stands now, and what is done to its follow-ups."""

    course: Course
    changes: Changes
    action: str = "follow_ups.moved"

    @property
    def id(self) -> UUID:
        return self.course.head.pk

    @property
    def revision(self) -> int:
        return self.course.head.revision + self.has_moved

    @property
    def has_moved(self) -> bool:
        return self.course.anchor_on != self.course.head.anchor_on

    @property
    def is_anchored_anew(self) -> bool:
        head, course = self.course.head, self.course
        stands = (head.anchor_intervention_id, head.series_began_on)
        becomes = (course.anchor_intervention_id, course.began_on)
        was_provisional = head.is_provisional
        return (
            self.has_moved
            or stands != becomes
            or was_provisional != course.is_provisional
        )

    @property
    def begins_anew(self) -> bool:
        head, course = self.course.head, self.course
        was = head.series_began_on or head.anchor_on
        return (course.began_on or course.anchor_on) != was

    @property
    def is_told(self) -> bool:
        return self.has_moved or bool(self.changes)

    @property
    def about(self) -> audit.About:
        head = self.course.head
        label = Episode._meta.label_lower
        return audit.About(label, str(head.pk), head.clinic_id, head.patient_id)


class _Course(NamedTuple):
    """What of a course is written."""

    id: UUID
    anchor_intervention_id: UUID | None
    anchor_on: date
    series_began_on: date | None
    revision: int
    is_provisional: bool
    facts_due_at: datetime

    @classmethod
    def of(cls, one: Rewrite, now: datetime) -> "_Course":
        course = one.course
        return cls(
            id=one.id,
            anchor_intervention_id=course.anchor_intervention_id,
            anchor_on=course.anchor_on,
            series_began_on=course.began_on,
            revision=one.revision,
            is_provisional=course.is_provisional,
            facts_due_at=now,
        )


_COURSE = ("anchor_intervention", *_Course._fields[2:])


def write(rewrites: Sequence[Rewrite], now: datetime) -> None:
    """The rows of all of them, and their courses."""
    changed: list[tuple[StandingRow, _Row]] = []
    fresh: list[_Fresh] = []
    for one in rewrites:
        changed += _changed(one, now)
        fresh += _fresh(one)
    _write_changed(changed)
    bulk.insert(fresh, FollowUp)
    _end_tasks(rewrites, now)
    tasks.follow(
        [FollowUp(**row._asdict()) for row in fresh if row.who != Who.PATIENT],
        [pair for one in rewrites for pair in one.changes.moved],
        [pair for one in rewrites for pair in one.changes.kept_open],
        now,
    )
    read_again([one.changes for one in rewrites])
    _write_courses(rewrites, now)


def _write_changed(changed: Sequence[tuple[StandingRow, _Row]]) -> None:
    """A few in one statement; of many each only where it differs, for a column that
    is written has all its indexes written too.
    """
    if len(changed) < _MANY:
        bulk.update([becomes for _, becomes in changed], _WRITTEN, FollowUp)
        return
    alike: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row, becomes in changed:
        pairs = zip(_read(row), becomes[1:], _WRITTEN, strict=True)
        alike[tuple(name for was, now, name in pairs if was != now)].append(becomes)
    for names, rows in alike.items():
        if names:
            bulk.update(rows, names, FollowUp)


def _write_courses(rewrites: Sequence[Rewrite], now: datetime) -> None:
    """Their facts follow."""
    anew = [_Course.of(one, now) for one in rewrites if one.is_anchored_anew]
    bulk.update(anew, _COURSE, Episode)
    stay = [one.id for one in rewrites if one.changes and not one.is_anchored_anew]
    if stay:
        Episode.objects.filter(pk__in=stay).update(facts_due_at=now)


def tell(rewrites: Iterable[Rewrite], *, by: By) -> None:
    entries = [
        audit.Entry(
            one.action,
            one.about,
            {
                "anchor_before": one.course.head.anchor_on.isoformat(),
                "anchor_after": one.course.anchor_on.isoformat(),
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


def _changed(one: Rewrite, now: datetime) -> Iterable[tuple[StandingRow, _Row]]:
    """Each row that is written, as it stands and as it becomes."""
    changes, revision = one.changes, one.revision
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


def _ended(row: StandingRow, state: str, reason: str) -> tuple[StandingRow, _Row]:
    return _stored(row, row, state=state, state_reason=reason, next_action_at=None)


def _stored(
    row: StandingRow,
    dated: StandingRow | Desired,
    *,
    next_action_at: datetime | None,
    anchor_revision: int | None = None,
    state: str | None = None,
    state_reason: str | None = None,
) -> tuple[StandingRow, _Row]:
    """As it stands, and the same but for its days and what is named."""
    becomes = _Row(
        row.pk,
        dated.opens_on,
        dated.due_on,
        dated.closes_on,
        dated.label,
        dated.offset_days,
        dated.open_day,
        dated.close_day,
        dated.ask_day,
        dated.is_safety,
        dated.who,
        row.anchor_revision if anchor_revision is None else anchor_revision,
        row.state if state is None else state,
        row.state_reason if state_reason is None else state_reason,
        next_action_at,
    )
    return row, becomes


def _fresh(one: Rewrite) -> Iterable["_Fresh"]:
    replaced = [*one.changes.superseded, *one.changes.again]
    for placed in [*one.changes.planned, *(placed for _, placed in replaced)]:
        yield _Fresh.of(one, placed)


class _Fresh(NamedTuple):
    """A new follow-up: what it has beside the model's defaults."""

    id: UUID
    clinic_id: UUID
    patient_id: UUID
    episode_id: UUID
    timepoint_key: str
    label: str
    offset_days: int
    open_day: int
    close_day: int
    ask_day: int
    opens_on: date
    due_on: date
    closes_on: date
    is_baseline: bool
    is_safety: bool
    who: str
    anchor_revision: int
    state: str
    state_reason: str
    next_action_at: datetime | None

    @classmethod
    def of(cls, rewrite: Rewrite, placed: Placed) -> "_Fresh":
        head, one, start = rewrite.course.head, placed.desired, placed.beginning
        return cls(
            id=uuid7(),
            clinic_id=head.clinic_id,
            patient_id=head.patient_id,
            episode_id=head.pk,
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
            anchor_revision=rewrite.revision,
            state=start.state,
            state_reason=start.state_reason,
            next_action_at=start.next_action_at,
        )
