"""Makes the facts of episodes anew, and what is counted of them with it."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import bulk
from outcomes.dashboards.facts import profiles, tallies
from outcomes.dashboards.facts.deriving import (
    Attribution,
    Fact,
    Valued,
    beside,
    facts_of,
)
from outcomes.dashboards.facts.profiles import Profile
from outcomes.models import Episode, EpisodeProfile, Measure, OutcomeFact, Score
from plans.course import exposure, exposure_rows
from plans.models import Intervention, Timepoint

# Of two answers on a day the later one stands, and of two revisions the newer.
IN_TIME_ORDER = ("measured_on", "measured_at", "response__revision", "pk")
_REBUILT_AT_ONCE = 200
# Fewer in a tick, for on SQLite patients who answer wait for the writer meanwhile.
_DUE_AT_ONCE = 50

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Derived:
    """Of some episodes, by their id."""

    profiles: Mapping[UUID, Profile]
    facts: Mapping[UUID, Sequence[Fact]]

    def counted(self, episode_id: UUID) -> list[tallies.Counted]:
        """For the tallies; nothing of an episode that was never counted."""
        profile = self.profiles.get(episode_id)
        return [(profile, self.facts.get(episode_id, ()))] if profile else []


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
def _rebuild_batch(episode_ids: Sequence[UUID]) -> int:
    before, after, stale = _looked_at(episode_ids)
    _write(stale, after)
    tallies.apply(
        (one for pk in stale for one in before.counted(pk)),
        (one for pk in stale for one in after.counted(pk)),
    )
    return sum(map(len, after.facts.values()))


@transaction.atomic
def rebuild_without_tallies(episode_ids: Sequence[UUID]) -> int:
    """The same for who counts the tallies afterwards."""
    _, after, stale = _looked_at(episode_ids)
    _write(stale, after)
    return sum(map(len, after.facts.values()))


def _looked_at(
    episode_ids: Sequence[UUID],
) -> tuple[Derived, Derived, Sequence[UUID]]:
    """How they are kept, how they should be, and which of them are not so."""
    # The lock keeps two workers from inserting the same rows; SQLite has one
    # writer at a time anyway.
    locked = Episode.objects.select_for_update(of=("self",)).order_by("pk")
    ids = list(locked.filter(pk__in=episode_ids).values_list("pk", flat=True))
    before, after = kept(ids), derive(ids)
    Episode.objects.filter(pk__in=ids, facts_due_at__isnull=False).update(
        facts_due_at=None
    )
    return before, after, [pk for pk in ids if not is_same(pk, before, after)]


def _write(stale: Sequence[UUID], after: Derived) -> None:
    OutcomeFact.objects.filter(episode__in=stale).delete()
    EpisodeProfile.objects.filter(episode__in=stale).delete()
    bulk.insert([after.profiles[pk] for pk in stale], EpisodeProfile)
    bulk.insert([fact for pk in stale for fact in after.facts[pk]], OutcomeFact)


def is_same(episode_id: UUID, kept: Derived, due: Derived) -> bool:
    return kept.profiles.get(episode_id) == due.profiles.get(episode_id) and sorted(
        kept.facts.get(episode_id, ()), key=_once
    ) == sorted(due.facts.get(episode_id, ()), key=_once)


def _once(fact: Fact) -> tuple[UUID, str]:
    return fact.measure_id, fact.timepoint_key


def kept(episode_ids: Collection[UUID]) -> Derived:
    """The rows as they stand."""
    found: dict[UUID, list[Fact]] = defaultdict(list)
    rows = OutcomeFact.objects.filter(episode__in=episode_ids)
    for row in rows.values_list(*Fact._fields):
        fact = Fact(*row)
        found[fact.episode_id].append(fact)
    return Derived(profiles.kept(episode_ids), found)


def derive(episode_ids: Collection[UUID]) -> Derived:
    """The rows as they should be; a constant number of queries, and none writes."""
    chosen = Episode.objects.filter(pk__in=episode_ids)
    episodes = list(
        chosen.select_related("plan").prefetch_related("follow_ups").order_by("pk")
    )
    complaint_ids = {episode.complaint_id for episode in episodes}
    scores = _scores_by_complaint(complaint_ids)
    exposures = exposure_rows.of_complaints(complaint_ids)
    courses = _courses_of_plans({episode.plan_id for episode in episodes})
    wanted = _wanted_by({episode.plan.protocol_id for episode in episodes})
    measures = Measure.objects.in_bulk(
        {score.measure_id for found in scores.values() for score in found}
    )
    return Derived(
        {profile.episode_id: profile for profile in profiles.of_episodes(chosen)},
        {
            episode.pk: facts_of(
                episode,
                scores[episode.complaint_id],
                measures,
                Attribution(
                    courses[episode.plan_id],
                    beside(episode, exposures[episode.complaint_id]),
                ),
                wanted[episode.plan.protocol_id],
            )
            for episode in episodes
        },
    )


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
    rows = scores.values_list(
        *("complaint_id", "measure_id", "measured_on", "value"),
        *("response__follow_up_id", "response__in_window", "response__is_recalled"),
    )
    for row in rows:
        found[row[0]].append(Valued(*row[1:]))
    return found


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
