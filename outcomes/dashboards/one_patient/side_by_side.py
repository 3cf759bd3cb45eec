"""What one patient's charts are drawn from: complaints, their episodes, the answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic.models import User
from outcomes.dashboards import charts, facts
from outcomes.dashboards.figures import similar
from outcomes.dashboards.one_patient import course
from outcomes.dashboards.one_patient.course import Course, Period
from outcomes.models import Episode, Score
from patients.models import (
    Complaint,
    Evaluation,
    Finding,
    Patient,
    SourceHypothesis,
)
from patients.models.evaluation import MAP_CODES
from plans.course import exposure
from plans.models import Goal, Intervention, Plan, TreatmentElsewhere

# What never was a course of treatment.
NO_COURSE = (Episode.EndedBy.PLAN_IN_ERROR, Episode.EndedBy.PROCEDURE_CANCELLED)
Expected = Mapping[UUID, Mapping[UUID, charts.ExpectedCourse]]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Courses by complaint, the newest of each first; and those nobody answered in."""

    courses: Sequence[Course]
    unanswered: Sequence[Episode]


def complaints_with_courses(
    user: User, record_ids: Collection[UUID]
) -> QuerySet[Complaint]:
    """What courses are drawn from; six queries, whatever there is."""
    plans = Plan.objects.visible_to(user).select_related("protocol")
    goals = Prefetch("goals", Goal.objects.filter(status=Goal.Status.OPEN))
    elsewhere = TreatmentElsewhere.objects.visible_to(user).filter(
        status=TreatmentElsewhere.Status.REPORTED
    )
    visible: QuerySet[Complaint] = Complaint.objects.visible_to(user)
    return visible.filter(patient__in=record_ids).prefetch_related(
        Prefetch("plans", plans.prefetch_related("interventions__step", goals)),
        Prefetch("treatments_elsewhere", elsewhere),
        Prefetch("episodes", Episode.objects.visible_to(user)),
    )


def complaints_of(
    user: User, shown: Patient, record_ids: Collection[UUID]
) -> list[Complaint]:
    """With all that their cards show."""
    found = complaints_with_courses(user, record_ids).prefetch_related(
        *(f"hypotheses__{name}" for name in SourceHypothesis.SHOWN_WITH),
        "studies",
        "diagnoses",
        Prefetch("evaluations", mapped_evaluations()),
    )
    return of_person(shown, found)


def of_person(shown: Patient, found: Iterable[Complaint]) -> list[Complaint]:
    """Saves a query a complaint: they are all this person's."""
    complaints = list(found)
    for complaint in complaints:
        complaint.patient = shown
    return complaints


def mapped_evaluations() -> QuerySet[Evaluation]:
    """With who made them, and of their findings where it hurts alone."""
    on_map = Finding.objects.filter(code__in=MAP_CODES, replaced_in=None)
    return Evaluation.objects.select_related(
        "signed_by", "started_by"
    ).prefetch_related(Prefetch("findings", on_map))


def scores_by_complaint(
    user: User, record_ids: Collection[UUID]
) -> dict[UUID, list[Score]]:
    scores: dict[UUID, list[Score]] = defaultdict(list)
    for score in (
        Score.objects.visible_to(user)
        .filter(patient__in=record_ids)
        .select_related("measure", "response__follow_up__request")
        .order_by(*facts.IN_TIME_ORDER)
    ):
        scores[score.complaint_id].append(score)
    return scores


def newest(
    user: User, record_ids: Collection[UUID], complaints: Sequence[Complaint]
) -> list[Course]:
    """A chart for each complaint that has an episode, for those who read answers."""
    scores = scores_by_complaint(user, record_ids)
    begun = {
        complaint: newest_episode(complaint)
        for complaint in complaints
        if scores[complaint.pk] and complaint.episodes.all()
    }
    expected = similar.expected(
        user, {one: scores[each.pk] for each, one in begun.items()}
    )
    return [
        _drawn(complaint, episode, scores[complaint.pk], expected)
        for complaint, episode in begun.items()
    ]


def side_by_side(
    user: User, shown: Patient, record_ids: Collection[UUID]
) -> SideBySide:
    """Every course of every complaint, each with its own answers alone."""
    complaints = of_person(shown, complaints_with_courses(user, record_ids))
    scores = scores_by_complaint(user, record_ids)
    own: dict[Episode, tuple[Complaint, Period, list[Score]]] = {}
    for complaint in complaints:
        episodes = courses_in(complaint)
        for episode in episodes:
            period = period_of(episode, episodes)
            answers = [s for s in scores[complaint.pk] if is_own(s, episode, period)]
            own[episode] = (complaint, period, answers)
    answered = {episode: row for episode, row in own.items() if row[2]}
    expected = similar.expected(user, {one: row[2] for one, row in answered.items()})
    common = in_all([answers for _, _, answers in answered.values()])
    return SideBySide(
        courses=[
            _drawn(complaint, episode, answers, expected, period, common)
            for episode, (complaint, period, answers) in answered.items()
        ],
        unanswered=[episode for episode in own if episode not in answered],
    )


def courses_count(complaints: Iterable[Complaint]) -> int:
    """How many stand beside each other; uses the prefetch."""
    return sum(len(courses_in(complaint)) for complaint in complaints)


def courses_in(complaint: Complaint) -> list[Episode]:
    """The newest first; with their plans, from what is at hand."""
    plans = {plan.pk: plan for plan in complaint.plans.all()}
    found = [
        episode
        for episode in complaint.episodes.all()
        if episode.ended_by not in NO_COURSE and episode.plan_id in plans
    ]
    for episode in found:
        episode.plan, episode.complaint = plans[episode.plan_id], complaint
    return sorted(found, key=_began, reverse=True)


def newest_episode(complaint: Complaint) -> Episode:
    """Of the courses that were any; of the others where there is none."""
    every = complaint.episodes.all()
    return max(
        [one for one in every if one.ended_by not in NO_COURSE] or every, key=_began
    )


def _began(episode: Episode) -> tuple[object, UUID]:
    return episode.anchor_on, episode.pk


def period_of(episode: Episode, episodes: Iterable[Episode]) -> Period:
    """From the days of its baseline, where another came before, to the day on which
    the next begins: what is answered that day still says how it was before the next.
    """
    begins = [one.begins_on for one in episodes]
    is_first = min(begins) == episode.begins_on
    return Period(
        since=None if is_first else episode.begins_on - exposure.BASELINE_FOR,
        until=min((on for on in begins if on > episode.begins_on), default=None),
    )


def is_own(score: Score, episode: Episode, period: Period) -> bool:
    """In its time; or, beside the course of another plan, asked for this one.

    A repeat takes over what the course before asked; another plan takes nothing.
    """
    if score.measured_on in period:
        return True
    follow_up = score.response.follow_up if score.response else None
    if follow_up is None or follow_up.episode_id != episode.pk:
        return False
    repeats = [
        one.begins_on
        for one in episode.complaint.episodes.all()
        if one.plan_id == episode.plan_id and one.course > episode.course
    ]
    return all(score.measured_on <= begins_on for begins_on in repeats)


def in_all(answered: Sequence[Sequence[Score]]) -> frozenset[UUID]:
    """The measures of every course: they stand first, so that rows lie level."""
    measures = [{score.measure_id for score in scores} for scores in answered]
    return frozenset(set.intersection(*measures)) if measures else frozenset()


def _drawn(
    complaint: Complaint,
    episode: Episode,
    scores: Sequence[Score],
    expected: Expected,
    period: Period = course.EVER,
    first: Collection[UUID] = (),
) -> Course:
    return course.course_of(
        complaint,
        episode,
        scores,
        done(complaint),
        [goal for plan in complaint.plans.all() for goal in plan.goals.all()],
        list(complaint.treatments_elsewhere.all()),
        expected.get(episode.pk, {}),
        period=period,
        first=first,
    )


def done(complaint: Complaint) -> list[Intervention]:
    return [
        intervention
        for plan in complaint.plans.all()
        for intervention in plan.interventions.all()
        if intervention.status == Intervention.Status.PERFORMED
    ]
