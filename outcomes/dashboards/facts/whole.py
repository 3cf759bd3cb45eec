"""All facts of a clinic at once: made anew, or proved to be what anew would be."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction

from clinic import bulk, nightly
from clinic.models import Clinic
from outcomes.dashboards.facts import rebuilding, tallies
from outcomes.models import Episode, EpisodeProfile, OutcomeFact, OutcomeTally

# How far it is: so many episodes are done in all.
Told = Callable[[int], object]
_AT_ONCE = 500
_REMEMBERED_FOR = 3 * 24 * 3600

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """`stale` episodes and `wrong` tallies do not equal what the answers give."""

    episodes: int
    facts: int
    stale: Sequence[UUID]
    wrong: Sequence[tallies.Place]

    @property
    def holds(self) -> bool:
        return not self.stale and not self.wrong


def rebuild(clinic: Clinic, told: Told = lambda done: None) -> int:
    """Make every fact anew; returns how many there are.

    Episode by episode the tallies would be changed a hundred times as often as they
    have rows, so they are counted once at the end, also where this is broken off.
    """
    made = done = 0
    try:
        for ids in _batches(clinic):
            made += rebuilding.rebuild_without_tallies(ids)
            done += len(ids)
            told(done)
    finally:
        count_anew(clinic.pk)
        bulk.analyze(EpisodeProfile, OutcomeFact)
    return made


def count_anew(clinic_id: UUID) -> int:
    """Count the tallies again while nobody changes any; returns how many rows."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Who is about to add its own facts to a tally waits, and adds them after.
            table = connection.ops.quote_name(OutcomeTally._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        rows = tallies.count_anew(clinic_id)
    bulk.analyze(OutcomeTally)
    return rows


def check(clinic: Clinic, told: Told = lambda done: None) -> Proof:
    """Derive everything and compare with what is kept; nothing is written.

    Episodes that wait for the worker are not looked at: nobody says they are current.
    """
    episodes = facts = done = 0
    stale: list[UUID] = []
    for ids in _batches(clinic):
        due = Episode.objects.filter(pk__in=ids, facts_due_at__isnull=False)
        current = sorted(set(ids) - set(due.values_list("pk", flat=True)))
        kept, derived = rebuilding.kept(current), rebuilding.derive(current)
        stale += [pk for pk in current if not rebuilding.is_same(pk, kept, derived)]
        episodes += len(current)
        facts += sum(map(len, kept.facts.values()))
        done += len(ids)
        told(done)
    return Proof(episodes, facts, stale, tallies.differences(clinic.pk))


def heal(clinic: Clinic) -> int:
    """Count the tallies anew if one does not equal the facts; returns how many."""
    wrong = tallies.differences(clinic.pk)
    if wrong:
        count_anew(clinic.pk)
    return len(wrong)


def heal_at_night(clinic: Clinic, now: datetime) -> int:
    """The same once in the clinic's night; a cache that was lost costs a count."""
    key = f"tallies-proved:{clinic.pk}"
    if not nightly.is_due(cache.get(key), clinic.zone, now):
        return 0
    cache.set(key, now, timeout=_REMEMBERED_FOR)
    wrong = heal(clinic)
    if wrong:
        logger.error("clinic %s: %s tallies were wrong, counted anew", clinic.pk, wrong)
    return wrong


def number_of_episodes(clinic: Clinic) -> int:
    return Episode.objects.filter(clinic=clinic).count()


def _batches(clinic: Clinic) -> Iterator[list[UUID]]:
    """In the order of their keys, so that memory does not grow with the clinic."""
    last: UUID | None = None
    while True:
        found = Episode.objects.filter(clinic=clinic).order_by("pk")
        if last is not None:
            found = found.filter(pk__gt=last)
        ids = list(found.values_list("pk", flat=True)[:_AT_ONCE])
        if not ids:
            return
        yield ids
        last = ids[-1]
