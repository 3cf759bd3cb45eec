"""A plan's interventions as an act would leave them: read afresh, never saved."""

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from plans.course import interventions
from plans.models import Intervention, Plan

Status = Intervention.Status


def standing(plan: Plan) -> list[Intervention]:
    """All of them as they stand, with their steps."""
    return list(plan.interventions.select_related("step"))


def performed(intervention: Intervention, on: date) -> list[Intervention]:
    found = standing(intervention.plan)
    moved_on = interventions.steps_that_move(intervention, on)
    _give_days(found, moved_on)
    for row in found:
        if row.pk == intervention.pk:
            row.status, row.performed_on = Status.PERFORMED, on
    return found


def moved(intervention: Intervention, day: date) -> list[Intervention]:
    found = standing(intervention.plan)
    _give_days(found, interventions.steps_that_move(intervention, day))
    column = "performed_on" if intervention.performed_on else "planned_on"
    for row in found:
        if row.pk == intervention.pk:
            setattr(row, column, day)
    return found


def _give_days(
    rows: Iterable[Intervention], days: Iterable[tuple[Intervention, date]]
) -> None:
    by_id: dict[UUID, date] = {row.pk: day for row, day in days}
    for row in rows:
        row.planned_on = by_id.get(row.pk, row.planned_on)


def cancelled(intervention: Intervention) -> list[Intervention]:
    return _with_status(
        intervention.plan, Status.CANCELLED, lambda row: row.pk == intervention.pk
    )


def planned_again(intervention: Intervention) -> list[Intervention]:
    return _with_status(
        intervention.plan, Status.PLANNED, lambda row: row.pk == intervention.pk
    )


def taken_back(intervention: Intervention, *, plan_again: bool) -> list[Intervention]:
    found = _with_status(
        intervention.plan,
        Status.ENTERED_IN_ERROR,
        lambda row: row.pk == intervention.pk,
    )
    if plan_again:
        found.append(interventions.copy_of(intervention))
    return found


def ended(plan: Plan) -> list[Intervention]:
    """What is only planned is cancelled with the plan."""
    return _with_status(
        plan, Status.CANCELLED, lambda row: row.status == Status.PLANNED
    )


def reopened(plan: Plan) -> list[Intervention]:
    """What was cancelled with the plan is planned again."""
    return _with_status(
        plan,
        Status.PLANNED,
        lambda row: row.status == Status.CANCELLED and row.ended_with_plan,
    )


def begun(plan: Plan, day: date) -> list[Intervention]:
    """An intended or a declined plan that really starts: planned days go along."""
    found, shift = reopened(plan), day - plan.started_on
    for row in found:
        if row.status == Status.PLANNED and row.planned_on is not None:
            row.planned_on += shift
    return found


def _with_status(
    plan: Plan, status: str, is_meant: Callable[[Intervention], bool]
) -> list[Intervention]:
    found = standing(plan)
    for row in found:
        if is_meant(row):
            row.status = status
    return found
