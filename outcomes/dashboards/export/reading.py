"""What a file is made of, read some courses at a time in the order of pseudonyms.

By the order of their ids, or of days, courses would tell their true dates.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from clinic.models import Clinic
from outcomes.dashboards.export import asked, disguise
from outcomes.dashboards.export.columns import QUASI_IDENTIFIERS
from outcomes.dashboards.export.rows import Asked, Course, Fact, by_course
from outcomes.dashboards.export.small_cells import Combination
from outcomes.dashboards.figures.choices import Choices
from outcomes.models import EpisodeProfile, FollowUp, Measure

# Some ten thousand rows.
COURSES_AT_ONCE = 200
_PERSON = Coalesce("episode__patient__merged_into", "episode__patient")
_OF_FACTS = (
    *("episode_id", "measure_id", "timepoint_key", "bin_day"),
    *("baseline", "severity", "baseline_is_recalled", "value", "change"),
    *("is_eligible", "apart", "in_window", "has_added_treatment"),
    *("pct30", "pct50", "points2", "mic", "both", "worse"),
)
_GONE = (FollowUp.State.CANCELLED, FollowUp.State.SUPERSEDED)
Points = dict[str, Asked]


def measures(clinic: Clinic, chosen: Choices) -> list[Measure]:
    found = Measure.objects.filter(clinic=clinic)
    return list(found.filter(key=chosen.measure) if chosen.measure else found)


def courses(clinic: Clinic, chosen: Choices) -> QuerySet[EpisodeProfile]:
    facts = asked.facts(clinic, chosen).filter(episode=OuterRef("episode"))
    return EpisodeProfile.objects.filter(Exists(facts), clinic=clinic)


def people(found: QuerySet[EpisodeProfile]) -> dict[Combination, int]:
    """How many people share each combination; one query."""
    rows = (
        found.order_by()
        .values_list(*QUASI_IDENTIFIERS)
        .annotate(people=Count(_PERSON, distinct=True))
    )
    return {tuple(key): n for *key, n in rows}


def in_order(
    found: QuerySet[EpisodeProfile], key: bytes, after: str
) -> list[tuple[str, UUID]]:
    """Pseudonyms and ids of the courses that are still to be written."""
    ids = found.order_by().values_list("episode_id", flat=True)
    named = (
        (disguise.pseudonym(key, "course", one), one)
        for one in ids.iterator(chunk_size=5_000)
    )
    return sorted(each for each in named if each[0] > after)


def described(
    clinic: Clinic, chosen: Choices, ids: Sequence[UUID]
) -> Iterator[tuple[Course, list[Fact], Points]]:
    """These courses in this order, with their facts and time points; three queries."""
    profiles = EpisodeProfile.objects.filter(episode__in=ids).annotate(person=_PERSON)
    own = {row[0]: Course(*row) for row in profiles.values_list(*Course._fields)}
    rows = asked.facts(clinic, chosen).filter(episode__in=ids).order_by()
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    for episode_id, fact in by_course(rows.values_list(*_OF_FACTS).iterator()):
        facts[episode_id].append(fact)
    points = _points(ids)
    for pk in ids:
        # What was counted anew a moment ago can be gone.
        if pk in own and facts[pk]:
            known = _with_unknown(points[pk], facts[pk])
            yield own[pk], facts[pk], known


def _points(ids: Sequence[UUID]) -> dict[UUID, Points]:
    """The follow-up that stands at a time point comes before one that was left.

    Of several responses the last day counts.
    """
    rows = (
        FollowUp.objects.filter(episode__in=ids)
        .order_by("pk", "responses__revision")
        .values_list(
            *("episode_id", "timepoint_key", "state", "offset_days"),
            "responses__answered_on",
        )
    )
    found: dict[UUID, Points] = defaultdict(dict)
    standing: dict[tuple[UUID, str], date | None] = {}
    for episode_id, key, state, day, answered_on in rows:
        place = (episode_id, key)
        if state not in _GONE:
            answered_on = standing[place] = answered_on or standing.get(place)
        elif place in standing:
            continue
        found[episode_id][key] = Asked(day, answered_on)
    return found


def _with_unknown(points: Points, facts: Sequence[Fact]) -> Points:
    """A fact that waits to be counted anew can name a time point that is gone."""
    gone = {fact[1]: Asked(fact[2] or 0) for fact in facts if fact[1] not in points}
    return {**points, **gone}
