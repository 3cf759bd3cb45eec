"""Derives the countable facts of an episode from its follow-ups and scores.

The attribution rule stands in plans/course/exposure.py. A follow-up's value is the
score of its own sealed response, if that answer still belongs to its course; the
baseline is the last score in the 30 days up to the course's begin, from any source.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import bulk
from outcomes.dashboards import statistics, time_axis
from outcomes.models import Episode, FollowUp, Measure, OutcomeFact, Score
from plans.course import exposure, exposure_rows
from plans.course.exposure import Exposure
from plans.models import Intervention, Timepoint
from plans.protocols import measures as vocabulary

# Of two answers on a day the later one stands, and of two revisions the newer.
IN_TIME_ORDER = ("measured_on", "measured_at", "response__revision", "pk")
_REBUILT_AT_ONCE = 200
# Fewer in a tick, for on SQLite patients who answer wait for the writer meanwhile.
_DUE_AT_ONCE = 50
_GONE = (FollowUp.State.CANCELLED, FollowUp.State.SUPERSEDED)


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Valued:
    """A score as far as the facts need it."""

    measure_id: UUID
    measured_on: date
    value: Decimal
    follow_up_id: UUID | None
    in_window: bool | None
    is_recalled: bool | None = None


Dated = TypeVar("Dated", Valued, Score)


def rebuild_due(clinic_id: UUID, now: datetime, limit: int = 1000) -> int:
    """Rebuild the clinic's episodes that changed; returns how many episodes."""
    due = list(
        Episode.objects.filter(clinic=clinic_id, facts_due_at__lte=now)
        .order_by("facts_due_at")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(
        _rebuilt(due[start : start + _DUE_AT_ONCE])
        for start in range(0, len(due), _DUE_AT_ONCE)
    )


def _rebuilt(episode_ids: Sequence[UUID]) -> int:
    """How many it worked for: one that fails must not hold up the rest."""
    try:
        rebuild_many(episode_ids)
    except Exception as error:
        if len(episode_ids) > 1:
            return sum(_rebuilt([one]) for one in episode_ids)
        # The text of a database error can quote a row.
        logger.error("facts of episode %s: %s", episode_ids[0], type(error).__name__)
        return 0
    return len(episode_ids)


def rebuild_many(episode_ids: Iterable[UUID]) -> int:
    """Make the facts of these episodes anew; returns the number of rows."""
    ids = list(episode_ids)
    return sum(
        _rebuild_batch(ids[start : start + _REBUILT_AT_ONCE])
        for start in range(0, len(ids), _REBUILT_AT_ONCE)
    )


@transaction.atomic
def _rebuild_batch(episode_ids: list[UUID]) -> int:
    # The lock keeps two workers from inserting the same rows; SQLite has one
    # writer at a time anyway.
    episodes = list(
        Episode.objects.select_for_update(of=("self",))
        .filter(pk__in=episode_ids)
        .select_related("plan")
        .prefetch_related("follow_ups")
        .order_by("pk")
    )
    complaint_ids = {episode.complaint_id for episode in episodes}
    scores = _scores_by_complaint(complaint_ids)
    exposures = exposure_rows.of_complaints(complaint_ids)
    courses = _courses_of_plans({episode.plan_id for episode in episodes})
    wanted = _wanted_by({episode.plan.protocol_id for episode in episodes})
    measures = Measure.objects.in_bulk(
        {score.measure_id for found in scores.values() for score in found}
    )
    rows = [
        fact
        for episode in episodes
        for fact in facts_of(
            episode,
            scores[episode.complaint_id],
            measures,
            Attribution(
                courses[episode.plan_id],
                beside(episode, exposures[episode.complaint_id]),
            ),
            wanted[episode.plan.protocol_id],
        )
    ]
    OutcomeFact.objects.filter(episode__in=episode_ids).delete()
    bulk.insert(rows)
    Episode.objects.filter(pk__in=episode_ids).update(facts_due_at=None)
    return len(rows)


def _wanted_by(
    protocol_ids: Collection[UUID | None],
) -> dict[UUID | None, dict[str, Collection[str]]]:
    """What the time points of these protocols ask for, by key."""
    found: dict[UUID | None, dict[str, Collection[str]]] = defaultdict(dict)
    points = Timepoint.objects.filter(protocol__in=[p for p in protocol_ids if p])
    for protocol_id, key, asked in points.values_list("protocol", "key", "measures"):
        found[protocol_id][key] = frozenset(asked)
    return found


def _scores_by_complaint(complaint_ids: set[UUID]) -> dict[UUID, list[Valued]]:
    found: dict[UUID, list[Valued]] = defaultdict(list)
    scores = Score.objects.filter(complaint__in=complaint_ids).order_by(*IN_TIME_ORDER)
    for (
        complaint_id,
        measure_id,
        measured_on,
        value,
        asked,
        is_in,
        is_recalled,
    ) in scores.values_list(
        "complaint_id",
        "measure_id",
        "measured_on",
        "value",
        "response__follow_up_id",
        "response__in_window",
        "response__is_recalled",
    ):
        found[complaint_id].append(
            Valued(measure_id, measured_on, value, asked, is_in, is_recalled)
        )
    return found


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the rule needs to say whose an answer is."""

    courses: Sequence[exposure.Course] = ()
    others: Sequence[Exposure] = ()

    def owner(self, day: date) -> exposure.Ownership:
        return exposure.owner(day, self.courses, self.others)


def _courses_of_plans(plan_ids: set[UUID]) -> dict[UUID, list[exposure.Course]]:
    found: dict[UUID, list[exposure.Course]] = defaultdict(list)
    given = Episode.objects.filter(plan__in=plan_ids).filter(
        Q(anchor_intervention__isnull=True)
        | Q(anchor_intervention__status=Intervention.Status.PERFORMED)
    )
    for episode in given:
        found[episode.plan_id].append(
            exposure.Course(episode.course, episode.begins_on, episode.anchor_on)
        )
    return found


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
    scores: list[Valued],
    measures: Mapping[UUID, Measure],
    attribution: Attribution,
    wanted: Mapping[str, Collection[str]] | None = None,
) -> list[OutcomeFact]:
    """One row for each measured thing and each standing time point, unsaved.

    `wanted` is what time points ask for, by key: what one does not ask, nobody missed.
    """
    standing = [f for f in episode.follow_ups.all() if f.state not in _GONE]
    scored = {score.follow_up_id for score in scores}
    bins = bins_of([f for f in standing if _is_compared(f, scored)])
    rows = []
    for measure_id in dict.fromkeys(score.measure_id for score in scores):
        own = [score for score in scores if score.measure_id == measure_id]
        measure = measures[measure_id]
        # Change since the start has no start, also where another course asked it.
        first = baseline_of(episode.begins_on, own)
        baseline = first if measure.is_asked_at_baseline else None
        answered = {
            s.follow_up_id: s
            for s in own
            if s.follow_up_id and belongs(episode, s, attribution)
        }
        rows += [
            fact_of(episode, follow_up, measure, baseline, answered, bins, attribution)
            for follow_up in standing
            if follow_up.pk in answered or _is_asked(follow_up, measure, wanted or {})
        ]
    return rows


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


def belongs(episode: Episode, score: Valued, attribution: Attribution) -> bool:
    """Whether the answer is still this course's; of a planned one nothing is known."""
    owner = attribution.owner(score.measured_on)
    return owner.course in (None, episode.course)


def bins_of(follow_ups: list[FollowUp]) -> dict[UUID, int]:
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


def fact_of(
    episode: Episode,
    follow_up: FollowUp,
    measure: Measure,
    first: Valued | None,
    answered: Mapping[UUID, Valued],
    bins: Mapping[UUID, int],
    attribution: Attribution,
) -> OutcomeFact:
    score = answered.get(follow_up.pk)
    baseline = first.value if first else None
    value = score.value if score else None
    if follow_up.is_baseline:
        value = baseline
    # Only the examination is missing where the patient answered.
    is_expired = follow_up.state == FollowUp.State.EXPIRED
    is_missed = is_expired and not follow_up.is_answered
    is_compared = not follow_up.is_baseline and None not in (baseline, value)
    fact = OutcomeFact(
        clinic_id=episode.clinic_id,
        episode=episode,
        measure=measure,
        timepoint_key=follow_up.timepoint_key,
        bin_day=bins.get(follow_up.pk),
        treatment_key=episode.plan.treatment_key,
        treatment_label=episode.plan.treatment_label,
        baseline=baseline,
        baseline_is_recalled=bool(first and first.is_recalled),
        value=value,
        is_eligible=baseline is not None and (value is not None or is_missed),
        in_window=score.in_window if score else None,
        has_added_treatment=score is not None
        and bool(attribution.owner(score.measured_on).added),
    )
    if is_compared and baseline is not None and value is not None:
        fact.change = value - baseline
        for rule in statistics.RULES.values():
            setattr(fact, rule.key, _improved(rule, measure, baseline, value))
    return fact


def _improved(
    rule: statistics.Rule, measure: Measure, baseline: Decimal, value: Decimal
) -> bool | None:
    return statistics.is_responder(
        rule,
        baseline,
        value,
        measure.direction,
        measure.mic_points,
        measure.mic_percent,
    )
