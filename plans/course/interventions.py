"""What happens to one intervention, and the only code that changes its status."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.triage import reasons
from plans.cautions import passing
from plans.course import allowed, goals, series
from plans.models import Intervention, Modality, Plan
from plans.procedures import catalogue

Status = Intervention.Status


@transaction.atomic
def perform(
    intervention: Intervention,
    *,
    performed_on: date,
    by: By,
    caution_reasons: Mapping[str, str] | None = None,
    describe: Callable[[Intervention], object] | None = None,
    **columns: Any,
) -> Intervention:
    """Record that it was done, on a day that has come; the follow-ups move with it.

    `columns` are the intervention's own; who performed it is `by` unless they say so.
    `describe` keeps its details before the cautions are weighed, which look at them.
    """
    _hold(intervention)
    allowed.check_performed(intervention, performed_on)
    later, was = steps_that_move(intervention, performed_on), _day_0(intervention)
    _claim(intervention, Status.PLANNED, Status.PERFORMED, performed_on=performed_on)
    intervention.performed_by = by if isinstance(by, User) else None
    for name, value in columns.items():
        setattr(intervention, name, value)
    intervention.full_clean(exclude=["performed_by"])
    intervention.save(update_fields=["performed_by", *columns])
    if describe is not None:
        describe(intervention)
    passing.require(intervention, on=performed_on, reasons=caution_reasons, by=by)
    moved = _move(later)
    aims = _renew("intervention.performed", intervention, was=was, by=by)
    audit.record(
        by=by,
        action="intervention.performed",
        about=intervention,
        planned_on=_iso(intervention.planned_on),
        performed_on=performed_on.isoformat(),
        moved=moved,
        goals=aims,
    )
    return intervention


@transaction.atomic
def reschedule(
    intervention: Intervention,
    *,
    day: date,
    by: By,
    caution_reasons: Mapping[str, str] | None = None,
    seen: date | None = None,
) -> Intervention:
    """Plan it for another day, or correct the day on which it was performed.

    What is planned after an index procedure moves along. What was performed is
    weighed anew for its new day: another flag may have been open then. `seen` is the
    day that it stood on when somebody decided this; on another one it stays.
    """
    _hold(intervention, allow_ended=intervention.status == Status.PERFORMED)
    is_done = intervention.status == Status.PERFORMED
    column = "performed_on" if is_done else "planned_on"
    allowed.check_reschedule(intervention, day)
    before = intervention.on
    later, was = steps_that_move(intervention, day), _day_0(intervention)
    stood = {} if seen is None else {column: seen}
    status = intervention.status
    _claim(intervention, status, status, stood=stood, **{column: day})
    if is_done:
        passing.require(intervention, on=day, reasons=caution_reasons, by=by)
    moved = _move(later)
    aims = _renew("intervention.moved", intervention, was=was, by=by)
    audit.record(
        by=by,
        action="intervention.moved",
        about=intervention,
        before=_iso(before),
        after=day.isoformat(),
        moved=moved,
        goals=aims,
    )
    return intervention


@transaction.atomic
def cancel(intervention: Intervention, *, reason: str, by: By) -> Intervention:
    """It will not happen, or did not; of a series, the one before becomes the last."""
    reason = reasons.typed(reason, "Say why.")
    _hold(intervention)
    was = _day_0(intervention)
    _claim(intervention, Status.PLANNED, Status.CANCELLED, status_reason=reason)
    aims = _renew("intervention.cancelled", intervention, was=was, by=by)
    audit.record(
        by=by,
        action="intervention.cancelled",
        about=intervention,
        planned_on=_iso(intervention.planned_on),
        reason=intervention.status_reason,
        goals=aims,
    )
    return intervention


@transaction.atomic
def take_back(
    intervention: Intervention, *, reason: str, by: By, plan_again: bool = True
) -> Intervention | None:
    """It was recorded by mistake: the row stays as entered in error.

    Returns the same thing as planned anew, unless it is not to be. Of a plan that
    ended it waits, cancelled with the plan, for the plan to be reopened.
    """
    reason = reasons.typed(reason, "Say why.")
    _hold(intervention, allow_ended=True)
    was = _day_0(intervention)
    _claim(
        intervention,
        Status.PERFORMED,
        Status.ENTERED_IN_ERROR,
        status_reason=reason,
    )
    again = copy_of(intervention) if plan_again else None
    if again is not None:
        again.save()
    aims = _renew("intervention.taken_back", intervention, was=was, by=by)
    audit.record(
        by=by,
        action="intervention.entered_in_error",
        about=intervention,
        performed_on=_iso(intervention.performed_on),
        reason=intervention.status_reason,
        planned_again=again and str(again.pk),
        goals=aims,
    )
    return again


@transaction.atomic
def plan_again(intervention: Intervention, *, by: By) -> Intervention:
    """It was cancelled, and is to happen after all, on the day it was planned for."""
    _hold(intervention)
    allowed.check_planned_again(intervention)
    was = _day_0(intervention)
    _claim(
        intervention,
        Status.CANCELLED,
        Status.PLANNED,
        status_reason="",
        ended_with_plan=False,
    )
    aims = _renew("intervention.added", intervention, was=was, by=by)
    audit.record(
        by=by,
        action="intervention.planned_again",
        about=intervention,
        planned_on=_iso(intervention.planned_on),
        goals=aims,
    )
    return intervention


@transaction.atomic
def add(
    plan: Plan,
    *,
    title: str,
    modality: str,
    planned_on: date,
    by: By,
    is_repeat: bool = False,
    **columns: Any,
) -> Intervention:
    """Something for this patient that the protocol does not have.

    A repeat of the index procedure begins a course of its own once it is performed.
    """
    allowed.check_day(plan, "planned_on", planned_on)
    _hold_running(plan)
    added = Intervention(
        clinic_id=plan.clinic_id,
        plan=plan,
        title=title.strip(),
        modality=modality,
        planned_on=planned_on,
        course=series.last_course(plan),
        **columns,
    )
    if is_repeat:
        series.begin_repeat(added)
    if modality not in Modality.values:
        raise ValidationError({"modality": "Choose one of the list."})
    if added.kind and added.kind not in catalogue.by_column("other")["kind"].choices:
        raise ValidationError({"kind": "Choose one of the list."})
    added.full_clean(exclude=["performed_by", "performed_on"])
    added.save()
    consequences.apply("intervention.added", added, by=by)
    audit.record(
        by=by,
        action="intervention.planned",
        about=added,
        planned_on=planned_on.isoformat(),
        is_repeat=is_repeat,
    )
    return added


def steps_that_move(
    intervention: Intervention, day: date
) -> list[tuple[Intervention, date]]:
    """What is planned after the index procedure, and the days it moves to."""
    before = intervention.on
    if before is None or before == day or not intervention.is_index:
        return []
    later = intervention.plan.interventions.filter(
        status=Status.PLANNED, course=intervention.course, planned_on__gt=before
    ).exclude(pk=intervention.pk)
    return [
        (step, step.planned_on + (day - before))
        for step in later.order_by("planned_on", "pk")
        if step.planned_on is not None
    ]


def _move(later: list[tuple[Intervention, date]]) -> dict[str, str]:
    """Gives them their new days, which it returns by id."""
    for step, day in later:
        step.planned_on = day
    Intervention.objects.bulk_update([step for step, _ in later], ["planned_on"])
    return {str(step.pk): day.isoformat() for step, day in later}


def _renew(
    change: str, intervention: Intervention, *, was: date | None, by: By
) -> dict[str, str]:
    """Let day 0, and what counts from it, follow a change; which goals it moved."""
    series.renew_index(intervention.plan)
    now = _day_0(intervention)
    aims = goals.follow_anchor(intervention.plan, was=was, now=now)
    consequences.apply(change, intervention, by=by)
    return aims


def _day_0(intervention: Intervention) -> date | None:
    return series.day_0(intervention.plan, intervention.course)


def _hold(intervention: Intervention, *, allow_ended: bool = False) -> None:
    """Reads it and its plan afresh: the caller's copy may be old."""
    plan = intervention.plan
    _hold_running(plan, allow_ended=allow_ended)
    intervention.refresh_from_db()
    intervention.plan = plan


def _hold_running(plan: Plan, *, allow_ended: bool = False) -> None:
    """Nothing is done in a plan that does not run; no move of it comes between."""
    rows.lock_complaint(plan.complaint)
    plan.refresh_from_db(fields=["status", "ended_on"])
    allowed.check_running(plan, allow_ended=allow_ended)


def _claim(
    intervention: Intervention,
    was: str,
    becomes: str,
    *,
    stood: Mapping[str, date] | None = None,
    **columns: Any,
) -> None:
    """Once only, also when two people press at once; `stood`: only if it still does."""
    standing = Intervention.objects.filter(
        pk=intervention.pk, status=was, **(stood or {})
    )
    is_claimed = standing.update(status=becomes, **columns)
    intervention.refresh_from_db(fields=["status", *columns])
    if is_claimed:
        return
    if stood and intervention.status == was and intervention.on is not None:
        day = clock.in_words(intervention.on)
        raise ValidationError(
            {"seen": f"Moved to {day} by somebody else since; look again."}
        )
    raise ValidationError(
        f"This intervention is {allowed.in_words(intervention)} already."
    )


def copy_of(done: Intervention) -> Intervention:
    """The same thing as it stands in its plan when nobody did it, not stored yet."""
    is_running = done.plan.status in Plan.RUNNING
    return Intervention(
        clinic_id=done.clinic_id,
        plan=done.plan,
        step=done.step,
        title=done.title,
        modality=done.modality,
        kind=done.kind,
        indication=done.indication,
        side=done.side,
        site=done.site,
        levels=done.levels,
        target=done.target,
        guidance=done.guidance,
        course=done.course,
        series_number=done.series_number,
        is_index=done.is_index,
        planned_on=done.planned_on or done.performed_on,
        status=Status.PLANNED if is_running else Status.CANCELLED,
        ended_with_plan=not is_running,
        detail=done.detail,
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
