"""Counts each clinic's own important change, a measure at a time, once a night."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from clinic import clock, nightly
from clinic.models import Clinic
from outcomes.dashboards.own_change import anchored
from outcomes.dashboards.statistics import mic
from outcomes.models import ImportantChange

# What was begun and never done, as its worker was stopped, is tried again after it.
RETRY_AFTER = timedelta(hours=1)


def run(clinic: Clinic, now: datetime, until: float) -> int:
    """What is due, the longest waiting first; returns how many measures.

    Begins none once time.monotonic() has reached until: the next run goes on.
    """
    _begin_new(clinic.pk)
    done = 0
    for kept in _due(clinic, now):
        if time.monotonic() >= until:
            break
        if _claim(kept, now):
            estimate(kept)
            done += 1
    return done


def _begin_new(clinic_id: UUID) -> None:
    known = ImportantChange.objects.filter(clinic=clinic_id).values("measure")
    new = anchored.measures_of(clinic_id).exclude(pk__in=known)
    ImportantChange.objects.bulk_create(
        [ImportantChange(clinic_id=clinic_id, measure=measure) for measure in new],
        # Another worker may have come first.
        ignore_conflicts=True,
    )


def _due(clinic: Clinic, now: datetime) -> Iterator[ImportantChange]:
    kept = (
        ImportantChange.objects.filter(clinic=clinic)
        .select_related("measure")
        .order_by(F("begun_at").asc(nulls_first=True), "pk")
    )
    return (row for row in kept if is_due(row, clinic.zone, now))


def is_due(kept: ImportantChange, zone: str, now: datetime) -> bool:
    if kept.begun_at is None:
        return True
    if kept.computed_at is None or kept.computed_at < kept.begun_at:
        return abs(now - kept.begun_at) > RETRY_AFTER
    return nightly.is_due(kept.begun_at, zone, now)


def _claim(kept: ImportantChange, now: datetime) -> bool:
    """Whether it is ours: of two workers one counts it."""
    mine = ImportantChange.objects.filter(pk=kept.pk, begun_at=kept.begun_at)
    if kept.begun_at is None:
        mine = ImportantChange.objects.filter(pk=kept.pk, begun_at__isnull=True)
    return mine.update(begun_at=now) == 1


def estimate(kept: ImportantChange) -> None:
    """Count one measure anew and keep what came of it, or why nothing did."""
    found = anchored.read(kept.measure)
    counted = mic.mic(found.people)
    mean, roc = counted.mean_change, counted.roc
    ImportantChange.objects.filter(pk=kept.pk).update(
        computed_at=clock.now(),
        n=counted.n,
        better_n=counted.better.n,
        same_n=counted.same.n,
        baseline_mean=found.baseline_mean,
        better_mean=counted.better.mean,
        same_mean=counted.same.mean,
        correlation=counted.correlation,
        mean_change=mean.points if mean else None,
        mean_change_low=mean.ci[0] if mean else None,
        mean_change_high=mean.ci[1] if mean else None,
        roc=roc.estimate.points if roc else None,
        roc_low=roc.estimate.ci[0] if roc else None,
        roc_high=roc.estimate.ci[1] if roc else None,
        sensitivity=roc.sensitivity if roc else None,
        specificity=roc.specificity if roc else None,
        why_not=counted.why_not,
    )
