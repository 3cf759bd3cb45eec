"""What the schedule of a course is decided on: read for many courses in one query.

Plain tuples, because models of ten thousand plans would take longer than all the rest.
"""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Subquery,
    When,
)

from clinic import clock
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import AskedPoint
from outcomes.models import Episode, FollowUp, Provenance, Response, SurveyRequest
from plans.course import series
from plans.models import Anchor, Timepoint

State = FollowUp.State
Who = Timepoint.Who


class Head(NamedTuple):
    """The course itself, its plan, and the procedure that is its day 0 now."""

    pk: UUID
    clinic_id: UUID
    patient_id: UUID
    plan_id: UUID
    anchor: str
    anchor_intervention_id: UUID | None
    anchor_on: date
    series_began_on: date | None
    is_provisional: bool
    revision: int
    status: str
    ended_by: str
    started_on: date
    protocol_id: UUID | None
    procedure_id: UUID | None
    planned_on: date | None
    performed_on: date | None
    began_on: date | None


class StandingRow(NamedTuple):
    """A follow-up as it stands."""

    pk: UUID
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
    is_answered: bool
    request_id: UUID | None
    request_state: str | None

    @property
    def is_for_clinician(self) -> bool:
        return self.who != Who.PATIENT

    @property
    def is_clinicians_alone(self) -> bool:
        return self.who == Who.CLINICIAN

    @property
    def is_asked_by_open_survey(self) -> bool:
        is_open = self.request_state == SurveyRequest.State.OPEN
        return is_open and self.state not in FollowUp.FINAL


class Answer(NamedTuple):
    """One response to a follow-up; a later revision replaces an earlier one."""

    revision: int
    state: str
    provenance: str
    answered_on: date | None
    in_window: bool
    is_recalled: bool

    @property
    def is_patients(self) -> bool:
        is_sealed = self.state == Response.State.SEALED
        return is_sealed and self.provenance != Provenance.CLINIC


@dataclass(slots=True)
class Course:
    head: Head
    rows: dict[UUID, StandingRow] = field(default_factory=dict)
    # The newest of the patient's, by the follow-up.
    answers: dict[UUID, Answer] = field(default_factory=dict)
    has_recalled: bool = False
    # Where only these time points were read, and what its window is open for; None:
    # everything.
    turned: frozenset[str] | None = None
    has_procedure: bool = field(init=False)
    # Day 0 as procedure and plan have it now; the course may stand elsewhere.
    anchor_on: date = field(init=False)
    began_on: date | None = field(init=False)
    anchor_intervention_id: UUID | None = field(init=False)
    is_provisional: bool = field(init=False)

    def __post_init__(self) -> None:
        """Where its day 0 is now is asked for some twenty times a course."""
        head = self.head
        self.has_procedure = self.follows_procedure and head.procedure_id is not None
        if self.has_procedure:
            self.anchor_on = head.performed_on or head.planned_on or head.anchor_on
            self.began_on = head.began_on
            self.anchor_intervention_id = head.procedure_id
        else:
            self.anchor_on, self.began_on = head.started_on, None
            self.anchor_intervention_id = head.anchor_intervention_id
        self.is_provisional = self.has_procedure and head.performed_on is None

    @property
    def points(self) -> Sequence[AskedPoint]:
        """The time points that are to be compared with what stands."""
        points = points_of(self.head.protocol_id)
        if self.turned is None:
            return points
        planned = {
            row.timepoint_key
            for row in self.rows.values()
            if row.state == State.PLANNED
        }
        return [point for point in points if point.key in self.turned | planned]

    @property
    def is_active(self) -> bool:
        return self.head.status == Episode.Status.ACTIVE

    @property
    def follows_procedure(self) -> bool:
        return self.head.anchor == Anchor.INDEX_PROCEDURE

    @property
    def lacks_procedure(self) -> bool:
        """What it stood on was cancelled or taken back, and nothing took its place."""
        head = self.head
        stood = self.follows_procedure and head.anchor_intervention_id is not None
        return stood and head.procedure_id is None

    @property
    def is_moving(self) -> bool:
        """Whether it stands on other days than its procedure: its answers then lie
        elsewhere in their windows.
        """
        stands = (self.head.anchor_on, self.head.series_began_on)
        return stands != (self.anchor_on, self.began_on)

    @property
    def is_settled(self) -> bool:
        """Whether it asks, and stands on its procedure as that is already."""
        head = self.head
        stands = (head.anchor_intervention_id, head.is_provisional)
        is_same = stands == (self.anchor_intervention_id, self.is_provisional)
        is_left = self.lacks_procedure or self.is_moving
        return self.is_active and is_same and not is_left


_DAY_0, _ROW, _ANSWER = "day_0__", "standing__", "standing__responses__"
_RENAMED = {
    "started_on": "plan__started_on",
    "protocol_id": "plan__protocol_id",
    "procedure_id": "day_0__pk",
    "planned_on": "day_0__planned_on",
    "performed_on": "day_0__performed_on",
    "request_state": "request__state",
}


def _column(name: str) -> str:
    """Of a follow-up's; that it is answered is less to carry than when."""
    return name if name == "is_answered" else _ROW + _RENAMED.get(name, name)


_HEAD = [_RENAMED.get(name, name) for name in Head._fields]
_OF_ROW = [_column(name) for name in StandingRow._fields]
_OF_ANSWER = [_ANSWER + name for name in Answer._fields]
_UNDER_WAY = (*FollowUp.ASKED, State.UNREACHABLE)
_FIRST_ROW = len(_HEAD)
_FIRST_ANSWER = len(StandingRow._fields)


def read(
    episode_ids: Collection[UUID], before: Mapping[UUID, UUID] | None = None
) -> list[Course]:
    """In the order of their keys; what was superseded stands no more.

    One query of one course; of many two, for else what is said of a course would be
    said again with each of its follow-ups, and a third for the answers of those that
    move. `before` names by plan the older version of the protocol that it went by:
    of a settled course only what the newer says differently is read, what is being
    asked, and what is planned although its window is open: that may have been asked by
    a version before.
    """
    found: dict[UUID, Course] = {}
    if len(episode_ids) == 1:
        for columns in _everything().filter(pk__in=episode_ids):
            if not found:
                found[columns[0]] = Course(Head._make(columns[:_FIRST_ROW]))
            _add(found[columns[0]], columns[_FIRST_ROW:])
    else:
        for columns in _heads().filter(pk__in=episode_ids).values_list(*_HEAD):
            found[columns[0]] = Course(Head._make(columns))
        _read_many(found, before or {})
    return sorted(found.values(), key=lambda one: one.head.pk)


def _read_many(found: dict[UUID, Course], before: Mapping[UUID, UUID]) -> None:
    settled: list[UUID] = []
    whole: list[UUID] = []
    for pk, course in found.items():
        is_moved = course.head.plan_id in before
        (settled if is_moved and course.is_settled else whole).append(pk)
    _read_rows(found, whole, Q())
    if settled:
        heads = [found[pk].head for pk in settled]
        versions = {(before[head.plan_id], head.protocol_id) for head in heads}
        turned = frozenset[str]().union(*(_turned(*pair) for pair in versions))
        for pk in settled:
            found[pk].turned = turned
        _read_rows(found, settled, _may_change(turned))
    _read_answers(found)


def _may_change(turned: Collection[str]) -> Q:
    differs = Q(follow_ups__timepoint_key__in=turned)
    is_asked = Q(follow_ups__state__in=_UNDER_WAY)
    # A day more than anywhere on earth.
    is_open = Q(follow_ups__opens_on__lte=clock.now().date() + calendar.ONE_DAY)
    return differs | is_asked | Q(follow_ups__state=State.PLANNED) & is_open


def _read_rows(found: dict[UUID, Course], episodes: Collection[UUID], which: Q) -> None:
    if not episodes:
        return
    rows = _with_rows(Episode.objects.filter(pk__in=episodes), which)
    for episode_id, *columns in rows.values_list("pk", *_OF_ROW):
        _add_row(found[episode_id], columns)


def _read_answers(found: dict[UUID, Course]) -> None:
    moving = [pk for pk, course in found.items() if course.is_moving]
    if not moving:
        return
    answers = Response.objects.filter(follow_up__episode__in=moving)
    columns_of = ("follow_up__episode", "follow_up", *Answer._fields)
    for episode_id, row_id, *columns in answers.values_list(*columns_of):
        if row_id in found[episode_id].rows:
            _add_answer(found[episode_id], row_id, Answer._make(columns))


@functools.cache
def _everything() -> QuerySet[Episode, tuple[Any, ...]]:
    """Composed once: that takes longer than the database needs to answer it."""
    return _with_rows(_heads(), Q()).values_list(*_HEAD, *_OF_ROW, *_OF_ANSWER)


def _add(course: Course, columns: tuple[Any, ...]) -> None:
    row_id: UUID | None = columns[0]
    if row_id is None:
        return
    if row_id not in course.rows:
        _add_row(course, columns[:_FIRST_ANSWER])
    if columns[_FIRST_ANSWER] is not None:
        _add_answer(course, row_id, Answer._make(columns[_FIRST_ANSWER:]))


def _add_row(course: Course, columns: Sequence[Any]) -> None:
    if columns[0] is not None:
        course.rows[columns[0]] = StandingRow._make(columns)


def _add_answer(course: Course, row_id: UUID, answer: Answer) -> None:
    course.has_recalled |= answer.is_recalled
    known = course.answers.get(row_id)
    is_newer = known is None or answer.revision > known.revision
    if answer.is_patients and is_newer:
        course.answers[row_id] = answer


def _heads() -> QuerySet[Episode]:
    of_plan = "plan__interventions__"
    is_day_0 = {
        of_plan + "course": F("course"),
        of_plan + "is_index": True,
        of_plan + "status__in": series.STANDING,
    }
    first_day = Subquery(series.first_day_of("day_0"))
    return Episode.objects.annotate(
        day_0=FilteredRelation("plan__interventions", condition=Q(**is_day_0))
    ).annotate(began_on=Case(When(day_0__series_number__isnull=False, then=first_day)))


def _with_rows(courses: QuerySet[Episode], which: Q) -> QuerySet[Episode]:
    is_standing = ~Q(follow_ups__state=State.SUPERSEDED) & which
    is_answered = Q(standing__answered_at__isnull=False)
    return courses.annotate(
        standing=FilteredRelation("follow_ups", condition=is_standing)
    ).annotate(is_answered=ExpressionWrapper(is_answered, BooleanField()))


@functools.lru_cache(maxsize=2048)
def points_of(protocol_id: UUID | None) -> tuple[AskedPoint, ...]:
    """A published version never changes, so each is read once a process."""
    rows = Timepoint.objects.filter(protocol=protocol_id).order_by("offset_days", "key")
    return tuple(AskedPoint.of(row.key, row) for row in rows)


def gone(before: UUID | None, becomes: UUID | None) -> frozenset[str]:
    """The time points that a version does not have any more."""
    if before == becomes:
        return frozenset()
    keys = [{point.key for point in points_of(one)} for one in (before, becomes)]
    return frozenset(keys[0] - keys[1])


def _turned(before: UUID | None, becomes: UUID | None) -> frozenset[str]:
    """The time points of which the two say something different, or only one a word."""
    differ = set(points_of(before)) ^ set(points_of(becomes))
    return frozenset(point.key for point in differ)
