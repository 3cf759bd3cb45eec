"""From follow-ups and scores of an episode to the facts about it. Pure.

The attribution rule stands in plans/course/exposure.py. A follow-up's value is the
score of its own sealed response, if that answer still belongs to its course; the
baseline is the last score in the 30 days up to the course's begin, from any source.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from outcomes.dashboards import time_axis
from outcomes.dashboards.facts import judging
from outcomes.models import Episode, FollowUp, Measure, OutcomeFact, Score
from plans.course import exposure
from plans.course.exposure import Exposure
from plans.protocols import measures as vocabulary

State = FollowUp.State
_GONE = (State.CANCELLED, State.SUPERSEDED)
Apart = OutcomeFact.Apart
_LEFT = {Episode.EndedBy.DIED: Apart.DIED, Episode.EndedBy.WITHDREW: Apart.WITHDREW}


class Valued(NamedTuple):
    """A score as far as the facts need it."""

    measure_id: UUID
    measured_on: date
    value: Decimal
    follow_up_id: UUID | None
    in_window: bool | None
    is_recalled: bool | None = None


Dated = TypeVar("Dated", Valued, Score)


class Fact(NamedTuple):
    """A row of OutcomeFact, by its columns."""

    clinic_id: UUID
    episode_id: UUID
    measure_id: UUID
    timepoint_key: str
    bin_day: int | None
    baseline: float | None
    severity: str
    baseline_is_recalled: bool
    value: float | None
    is_eligible: bool
    apart: str
    in_window: bool | None
    has_added_treatment: bool
    # As judging.Judged has them.
    change: float | None
    change_step: int | None
    pct30: bool | None
    pct50: bool | None
    points2: bool | None
    mic: bool | None
    both: bool | None
    worse: bool | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the rule needs to say whose an answer is."""

    courses: Sequence[exposure.Course] = ()
    others: Sequence[Exposure] = ()

    def owner(self, day: date) -> exposure.Ownership:
        return exposure.owner(day, self.courses, self.others)


@dataclass(frozen=True, slots=True)
class _Measured:
    """One measure of an episode: how it began, and what was answered where."""

    measure: Measure
    scale: judging.Scale
    baseline: Decimal | None
    severity: str
    is_recalled: bool
    answered: Mapping[UUID | None, Valued]


def beside(episode: Episode, exposures: Iterable[Exposure]) -> list[Exposure]:
    """What was added, of another plan, or elsewhere: all but the plan's own day 0
    with its series, and its looks back.
    """
    return [
        one
        for one in exposures
        if one.plan != episode.plan_id or not (one.is_of_day_0 or one.is_review)
    ]


def facts_of(
    episode: Episode,
    scores: Sequence[Valued],
    measures: Mapping[UUID, Measure],
    attribution: Attribution,
    wanted: Mapping[str, Collection[str]] | None = None,
) -> list[Fact]:
    """One row for each measured thing and each time point that stands or was left.

    Scores are in time order. `wanted` is what time points ask for, by key: what one
    does not ask, nobody missed.
    """
    follow_ups = list(episode.follow_ups.all())
    standing = [one for one in follow_ups if one.state not in _GONE]
    left = _left(episode, follow_ups, {one.timepoint_key for one in standing})
    owned = _Owned(episode, attribution)
    scored = {score.follow_up_id for score in scores}
    bins = bins_of([one for one in standing + left if _is_compared(one, scored)])
    by_measure: dict[UUID, list[Valued]] = defaultdict(list)
    for score in scores:
        by_measure[score.measure_id].append(score)
    rows = []
    for measure_id, own in by_measure.items():
        measured = _measured(episode, measures[measure_id], own, owned)
        rows += [
            _fact(episode, follow_up, measured, bins.get(follow_up.pk), owned)
            for follow_up in standing
            if follow_up.pk in measured.answered
            or _is_asked(follow_up, measured.measure, wanted or {})
        ]
        rows += [
            _fact(episode, follow_up, measured, bins.get(follow_up.pk), owned)
            for follow_up in left
            if measured.severity
            and _is_asked(follow_up, measured.measure, wanted or {})
        ]
    return rows


class _Owned:
    """Whose each day's answer is, worked out once a day."""

    def __init__(self, episode: Episode, attribution: Attribution) -> None:
        self._episode, self._attribution = episode, attribution
        self._known: dict[date, exposure.Ownership] = {}

    def __getitem__(self, day: date) -> exposure.Ownership:
        if day not in self._known:
            self._known[day] = self._attribution.owner(day)
        return self._known[day]

    def has(self, score: Valued) -> bool:
        # Of a planned course nothing is known yet.
        return self[score.measured_on].course in (None, self._episode.course)


def belongs(episode: Episode, score: Valued, attribution: Attribution) -> bool:
    """Whether the answer is still this course's; of a planned one nothing is known."""
    return _Owned(episode, attribution).has(score)


def _measured(
    episode: Episode, measure: Measure, own: Sequence[Valued], owned: _Owned
) -> _Measured:
    # Change since the start has no start, also where another course asked it.
    first = (
        baseline_of(episode.begins_on, own) if measure.is_asked_at_baseline else None
    )
    scale = judging.scale_of(measure)
    return _Measured(
        measure,
        scale,
        baseline=first.value if first else None,
        severity=judging.severity(scale, first.value) if first else "",
        is_recalled=bool(first and first.is_recalled),
        answered={
            one.follow_up_id: one for one in own if one.follow_up_id and owned.has(one)
        },
    )


def _left(
    episode: Episode, follow_ups: Sequence[FollowUp], standing: Collection[str]
) -> list[FollowUp]:
    """What nobody will answer, because the patient died or withdrew before it."""
    if episode.ended_by not in _LEFT:
        return []
    gone = {
        one.timepoint_key: one
        for one in follow_ups
        if one.state == State.CANCELLED and one.timepoint_key not in standing
    }
    return list(gone.values())


def _is_asked(
    follow_up: FollowUp, measure: Measure, wanted: Mapping[str, Collection[str]]
) -> bool:
    """Whether the patient is asked for it there; of an import nobody knows."""
    if follow_up.is_clinicians_alone:
        return False
    asked = wanted.get(follow_up.timepoint_key)
    if asked is None or follow_up.is_baseline:
        return True
    return measure.key in asked or measure.key not in vocabulary.vocabulary()


def _is_compared(follow_up: FollowUp, scored: Collection[UUID | None]) -> bool:
    """What the clinic measures on day 0 itself is not how it was two weeks later."""
    if not follow_up.is_clinicians_alone:
        return True
    return follow_up.offset_days > 0 and follow_up.pk in scored


def bins_of(follow_ups: Sequence[FollowUp]) -> dict[UUID, int]:
    """For each canonical day the follow-up that lies nearest to it."""
    nearest: dict[int, FollowUp] = {}
    for follow_up in follow_ups:
        day = time_axis.bin_day(
            follow_up.offset_days, is_baseline=follow_up.is_baseline
        )
        held = nearest.get(day)
        if held is None or abs(follow_up.offset_days - day) < abs(
            held.offset_days - day
        ):
            nearest[day] = follow_up
    return {follow_up.pk: day for day, follow_up in nearest.items()}


def baseline_of(begins_on: date, scores: Sequence[Dated]) -> Dated | None:
    """The last one in the 30 days up to and with the anchor; scores in time order."""
    before = [s for s in scores if exposure.is_baseline(s.measured_on, begins_on)]
    return before[-1] if before else None


def _fact(
    episode: Episode,
    follow_up: FollowUp,
    measured: _Measured,
    bin_day: int | None,
    owned: _Owned,
) -> Fact:
    score, baseline = measured.answered.get(follow_up.pk), measured.baseline
    value = score.value if score else None
    # Of who did not answer: what stood between begin and day of asking.
    told_on = score.measured_on if score else follow_up.due_on
    judged = judging.NOT_JUDGED
    if follow_up.is_baseline:
        value = baseline
    elif baseline is not None and value is not None:
        judged = judging.judged(measured.scale, baseline, value)
    return Fact(
        episode.clinic_id,
        episode.pk,
        measured.measure.pk,
        follow_up.timepoint_key,
        bin_day,
        _float(baseline),
        measured.severity,
        measured.is_recalled,
        _float(value),
        baseline is not None and (value is not None or _is_missed(follow_up)),
        _LEFT[Episode.EndedBy(episode.ended_by)]
        if follow_up.state in _GONE
        else Apart.NO,
        score.in_window if score else None,
        bool(owned[told_on].added),
        *judged,
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _is_missed(follow_up: FollowUp) -> bool:
    """Only the examination is missing where the patient answered."""
    return follow_up.state == State.EXPIRED and not follow_up.is_answered
