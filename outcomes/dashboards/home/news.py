"""What came in of late: answers that one has not looked at, and those that went worse
than expected.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic import clock
from clinic.models import AuditSubject, User
from outcomes.dashboards import facts
from outcomes.dashboards.charts.text import number
from outcomes.dashboards.figures import similar
from outcomes.dashboards.figures.similar import MiddleHalf
from outcomes.dashboards.home import mine
from outcomes.dashboards.home.mine import Whose
from outcomes.dashboards.one_patient import course
from outcomes.dashboards.one_patient.course import Headline
from outcomes.models import FollowUp, OutcomeFact, Score
from patients.models import Patient

# How many answers are looked through, and how far back.
READ = 60
DAYS_READ = 90
DAYS_NEW = 30
SHOWN = 6
# What shows the answers of a patient. Any page of the patient's record counts as well:
# who has opened it came past the chart.
LOOKED = (
    *("answers.read", "patient.read", "courses.read"),
    *("summary.read", "glance.read"),
)


@dataclass(frozen=True, slots=True)
class NewAnswer:
    follow_up: FollowUp
    # None where nothing of it is counted.
    headline: Headline | None

    @property
    def patient(self) -> Patient:
        return self.follow_up.patient.kept


@dataclass(frozen=True, slots=True)
class Worse:
    """The latest answer of a course; one of the two reasons at least is given."""

    follow_up: FollowUp
    fact: OutcomeFact
    # Of similar patients, where the answer lies on its bad side.
    half: MiddleHalf | None

    @property
    def patient(self) -> Patient:
        return self.follow_up.patient.kept

    @property
    def title(self) -> str:
        return course.title_of(self.follow_up.episode.complaint, self.fact.measure)

    @property
    def baseline(self) -> str:
        return number(self.fact.baseline or 0)

    @property
    def value(self) -> str:
        return number(self.fact.value or 0)

    @property
    def expected(self) -> str:
        """Such as "2 to 4"; empty where it lies within or too few are similar."""
        return (
            f"{number(self.half.low)} to {number(self.half.high)}" if self.half else ""
        )


@dataclass(frozen=True, slots=True)
class News:
    answers: Sequence[NewAnswer] = ()
    answers_count: int = 0
    worse: Sequence[Worse] = ()
    worse_count: int = 0
    # There were more answers than were looked through.
    is_cut: bool = False

    @property
    def patients(self) -> list[Patient]:
        answered = [line.patient for line in self.answers]
        return [*answered, *(line.patient for line in self.worse)]


def read(user: User, whose: Whose, now: datetime) -> News:
    """Five queries, however many patients one has."""
    found = list(recent(user, whose, now)[: READ + 1])
    looked_through = found[:READ]
    since = now - timedelta(days=DAYS_NEW)
    new = [
        row
        for row in looked_through
        if not row.is_seen and row.answered_at and row.answered_at >= since  # type: ignore[attr-defined]
    ]
    worse = worse_of(user, looked_through)
    return News(
        answers=told(user, new[:SHOWN]),
        answers_count=len(new),
        worse=worse[:SHOWN],
        worse_count=len(worse),
        is_cut=len(found) > READ,
    )


def recent(user: User, whose: Whose, now: datetime) -> QuerySet[FollowUp]:
    """What was answered of late, the newest first, with whether one has seen it."""
    since = now - timedelta(days=DAYS_READ)
    looked = AuditSubject.objects.filter(
        Q(patient_id=OuterRef("patient"))
        | Q(patient_id=OuterRef("patient__merged_into")),
        event__actor=user,
        event__at__gte=OuterRef("answered_at"),
        event__action__in=LOOKED,
    )
    visible: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    answered = visible.filter(
        answered_at__gte=since,
        # Answered while it was open: an index knows these days.
        closes_on__gte=since.date() - timedelta(days=1),
    ).exclude(state=FollowUp.State.SUPERSEDED)
    return (
        mine.of(answered, user, whose)
        .annotate(is_seen=Exists(looked))
        .select_related(
            *("episode__complaint", "patient__clinic"),
            "patient__merged_into__clinic",
        )
        .order_by("-answered_at", "-pk")
    )


def told(user: User, rows: Sequence[FollowUp]) -> list[NewAnswer]:
    """Each with what it says of the leading measure; one query."""
    scores: dict[UUID, list[Score]] = defaultdict(list)
    complaints = {row.episode.complaint_id for row in rows}
    for score in (
        Score.objects.visible_to(user)
        .filter(complaint__in=complaints)
        .select_related("measure", "response")
        .order_by(*facts.IN_TIME_ORDER)
    ):
        scores[score.complaint_id].append(score)
    return [
        NewAnswer(row, headline_of(row, scores[row.episode.complaint_id]))
        for row in rows
    ]


def headline_of(row: FollowUp, scores: Sequence[Score]) -> Headline | None:
    """As it stood with this answer, whatever was answered since."""
    own = [s for s in scores if s.response and s.response.follow_up_id == row.pk]
    if not own:
        return None
    leading = course.leading_measure(own)
    last = [score for score in own if score.measure == leading][-1]
    upto = scores[: scores.index(last) + 1]
    complaint = row.episode.complaint
    complaint.patient = row.patient
    return course.headline_of(
        complaint, row.episode, [score for score in upto if score.measure == leading]
    )


def worse_of(user: User, rows: Iterable[FollowUp]) -> list[Worse]:
    """Whose latest answer is worse than at the start by the important change, or on
    the bad side of the middle half of similar patients; the former first.
    """
    latest: dict[UUID, FollowUp] = {}
    for row in rows:
        latest.setdefault(row.episode_id, row)
    leading = leading_facts(user, latest)
    halves = similar.middle_halves(user, leading)
    found = [
        Worse(latest[fact.episode_id], fact, half)
        for fact in leading
        if (half := on_the_bad_side(fact, halves.get(fact.pk))) or fact.worse
    ]
    newest = sorted(found, key=_answered_at, reverse=True)
    return sorted(newest, key=lambda line: not line.fact.worse)


def _answered_at(line: Worse) -> datetime:
    return line.follow_up.answered_at or clock.now()


def leading_facts(user: User, latest: dict[UUID, FollowUp]) -> list[OutcomeFact]:
    """Of each course the change that its headline tells, at its latest answer."""
    asked = {row.pk: row for row in latest.values() if not row.is_baseline}
    counted = (
        OutcomeFact.objects.visible_to(user)
        .filter(
            episode__in={row.episode_id for row in asked.values()},
            timepoint_key__in={row.timepoint_key for row in asked.values()},
            measure__is_asked_at_baseline=True,
            change__isnull=False,
        )
        .select_related("measure", "profile")
        .order_by("measure__position", "measure__name")
    )
    found: dict[UUID, OutcomeFact] = {}
    for fact in counted:
        if fact.timepoint_key == latest[fact.episode_id].timepoint_key:
            found.setdefault(fact.episode_id, fact)
    return list(found.values())


def on_the_bad_side(fact: OutcomeFact, half: MiddleHalf | None) -> MiddleHalf | None:
    if half is None or fact.value is None:
        return None
    if fact.measure.direction == "lower":
        return half if fact.value > half.high else None
    return half if fact.value < half.low else None
