"""Writes what a newer version changes in many plans, in a few statements."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django.db.models import QuerySet

from clinic import bulk
from plans.course import goals
from plans.models import Goal, Intervention, Plan
from plans.protocols.goal_changes import GoalChanges
from plans.protocols.plan_changes import GONE, Changes

Status = Intervention.Status
# What a step gives an intervention that is planned.
OF_STEP = ("title", "kind", "detail", "step", "modality", "series_number", "planned_on")
_ATTNAMES = tuple("step_id" if name == "step" else name for name in OF_STEP)


def write(found: Sequence[tuple[Plan, Changes]]) -> list[dict[str, Any]]:
    """The rows that the changes name; for each plan, which those were."""
    all_changes = [changes for _, changes in found]
    _write_interventions(found)
    _write_goals([changes.goals for changes in all_changes])
    return [facts(changes) for changes in all_changes]


def facts(changes: Changes) -> dict[str, Any]:
    """What the audit keeps of a plan's changes."""
    return {"interventions": _touched(changes), "goals": _aims(changes.goals)}


def _write_interventions(found: Sequence[tuple[Plan, Changes]]) -> None:
    pairs = [
        (row, becomes)
        for plan, changes in found
        for row, becomes in _stored(plan, changes)
    ]
    added = [row for _, one in found for row in one.rows if row._state.adding]
    removed = [row for _, changes in found for row in changes.steps.removed]
    # First nobody is day 0 who is not then, for there may be no moment with two.
    _mark([row for row, now in pairs if row.is_index and not now.is_index], False)
    if removed:
        _of(removed).update(status=Status.CANCELLED, status_reason=GONE)
    bulk.update([now for row, now in pairs if _differs(row, now)], OF_STEP)
    bulk.insert(added)
    _mark([row for row, now in pairs if now.is_index and not row.is_index], True)


def _stored(
    plan: Plan, changes: Changes
) -> Iterable[tuple[Intervention, Intervention]]:
    """Each as it was read, and as it becomes."""
    read = {row.pk: row for row in plan.interventions.all()}
    return [(read[one.pk], one) for one in changes.rows if one.pk in read]


def _differs(row: Intervention, becomes: Intervention) -> bool:
    return any(getattr(row, name) != getattr(becomes, name) for name in _ATTNAMES)


def _mark(rows: Sequence[Intervention], is_index: bool) -> None:
    if rows:
        _of(rows).update(is_index=is_index)


def _of(rows: Iterable[Intervention]) -> QuerySet[Intervention]:
    return Intervention.objects.filter(pk__in=[row.pk for row in rows])


def _touched(changes: Changes) -> dict[str, list[str]]:
    steps = changes.steps
    return {
        "added": [str(row.pk) for row in changes.rows if row._state.adding],
        "cancelled": [str(row.pk) for row in steps.removed],
        "moved": [f"{row.pk} from {row.planned_on}" for row, _, _ in steps.redated],
    }


def _write_goals(found: Sequence[GoalChanges]) -> None:
    bulk.insert([goal for changes in found for goal in changes.added])
    changed = [
        _reading(goal, columns) for one in found for goal, columns in one.changed
    ]
    bulk.update(changed, goals.COLUMNS)
    dropped = [goal.pk for changes in found for goal in changes.dropped]
    if dropped:
        Goal.objects.filter(pk__in=dropped).update(
            status=Goal.Status.DROPPED, status_reason=GONE
        )


def _reading(goal: Goal, columns: dict[str, Any]) -> Goal:
    becomes = copy(goal)
    for name, value in columns.items():
        setattr(becomes, name, value)
    return becomes


def _aims(changes: GoalChanges) -> dict[str, Any]:
    return {
        "added": {str(goal.pk): goals.facts(goal) for goal in changes.added},
        "changed": {
            str(goal.pk): {"before": goals.facts(goal), "after": _text(columns)}
            for goal, columns in changes.changed
        },
        "dropped": [str(goal.pk) for goal in changes.dropped],
    }


def _text(columns: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in columns.items()}
