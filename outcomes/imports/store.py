"""Writes the changes of some persons; the caller holds the transaction."""

from collections.abc import Sequence

from django.db import models

from clinic import bulk
from outcomes.dashboards import facts
from outcomes.imports.records import Changes
from outcomes.models import Episode, FollowUp, OutcomeFact, Response, Score
from patients.models import Complaint, Patient, SearchTerm
from plans.models import Plan


def write(changes: Changes) -> int:
    """Everything the changes hold, and the facts made anew; returns their number."""
    in_order: list[Sequence[models.Model]] = [
        changes.patients,
        changes.terms,
        changes.complaints,
        changes.plans,
        changes.episodes,
        changes.follow_ups,
        changes.responses,
        changes.scores,
    ]
    for records in in_order:
        bulk.insert(records)
    if changes.moved_on:
        FollowUp.objects.bulk_update(
            changes.moved_on, ["state", "state_reason", "answered_at", "completed_at"]
        )
    return facts.rebuild_many(changes.episodes_touched)


def analyze() -> None:
    """Bring the planner's statistics up to date after many new rows."""
    bulk.analyze(
        *(Patient, SearchTerm, Complaint, Plan),
        *(Episode, FollowUp, Response, Score, OutcomeFact),
    )
