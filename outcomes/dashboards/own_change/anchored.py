"""Who said how much had changed, beside how much it had: the rows of own change.

A course counts once for a measure: at its first time point at which the question on
global change was answered together with the measure, and the measure had a baseline.
A baseline said from memory after the procedure leans on the same memory as the answer,
so it does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from outcomes.dashboards.statistics import Direction
from outcomes.dashboards.statistics.mic import Anchored
from outcomes.models import FollowUp, Measure, OutcomeFact

ANCHOR = "global_change"
# Sums of binary fractions differ beyond it.
_DECIMALS = 6
_READ_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """The first of each course, and the mean of their baselines."""

    people: list[Anchored]
    baseline_mean: float | None


@dataclass(frozen=True, slots=True)
class _Pair:
    day: int
    anchor: int
    baseline: float
    change: float


def measures_of(clinic_id: UUID) -> QuerySet[Measure]:
    """Those whose change can be held against an answer on global change."""
    return (
        Measure.objects.filter(clinic=clinic_id, is_asked_at_baseline=True)
        .exclude(key=ANCHOR)
        .order_by("position", "name")
    )


def read(measure: Measure) -> Found:
    """Two queries, the rows in pieces: a clinic of many years has many."""
    anchor = Measure.objects.filter(clinic=measure.clinic_id, key=ANCHOR).first()
    first: dict[UUID, _Pair] = {}
    rows = _rows(measure, anchor) if anchor else ()
    for episode_id, *values in rows:
        day, said, baseline, change = map(float, values)
        pair = _Pair(int(day), round(said), baseline, change)
        held = first.get(episode_id)
        if held is None or pair.day < held.day:
            first[episode_id] = pair
    # In one order, or the same seed would draw other people.
    pairs = [first[key] for key in sorted(first)]
    baselines = [pair.baseline for pair in pairs]
    return Found(
        people=[
            Anchored(pair.anchor, improved(pair.change, measure.direction))
            for pair in pairs
        ],
        baseline_mean=sum(baselines) / len(baselines) if baselines else None,
    )


def improved(change: float, better_is: Direction) -> float:
    """Points better, whichever way the measure runs; no minus before a nought."""
    return round(-change if better_is == "lower" else change, _DECIMALS) + 0.0


def _rows(measure: Measure, anchor: Measure) -> Iterator[tuple[Any, ...]]:
    """Episode, day, answer, baseline and change."""
    same_time = {
        "episode": OuterRef("episode"),
        "timepoint_key": OuterRef("timepoint_key"),
    }
    said = OutcomeFact.objects.filter(measure=anchor, **same_time)
    standing = FollowUp.objects.filter(**same_time).exclude(
        state__in=[FollowUp.State.CANCELLED, FollowUp.State.SUPERSEDED]
    )
    return (
        OutcomeFact.objects.filter(
            clinic=measure.clinic_id,
            measure=measure,
            change__isnull=False,
            baseline_is_recalled=False,
        )
        .annotate(
            said=Subquery(said.values("value")[:1]),
            day=Subquery(standing.values("offset_days")[:1]),
        )
        .filter(said__isnull=False, day__isnull=False)
        .values_list("episode_id", "day", "said", "baseline", "change")
        .iterator(_READ_AT_ONCE)
    )
