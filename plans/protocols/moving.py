"""Moves plans that run to a newer version of their protocol, chosen one by one."""

from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from clinic import audit, clock, consequences
from clinic.consequences import Change, Effect, Kind, Row
from clinic.models import User
from patients import rows
from plans.course import goals, series
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import goal_changes, offered, step_changes
from plans.protocols.goal_changes import GoalChanges
from plans.protocols.step_changes import Repeat, StepChanges

MOVABLE = (*Plan.INTENDED, *Plan.RUNNING)
Places = dict[step_changes.Place, Repeat]
GONE = "no longer in the protocol"
Status = Intervention.Status
# What a step gives an intervention that is planned.
OF_STEP = ("title", "kind", "detail", "step", "modality", "series_number", "planned_on")


@dataclass(frozen=True, slots=True)
class PlanMove:
    """What one plan would go through; `refusal` says why it cannot be moved."""

    plan: Plan
    effect: Effect = field(default_factory=Effect)
    refusal: str = ""

    @property
    def sentences(self) -> list[str]:
        return self.effect.sentences


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a plan is written, and its interventions as they are then."""

    steps: StepChanges
    goals: GoalChanges
    rows: list[Intervention]


def movable(protocol: Protocol, user: User | AnonymousUser) -> QuerySet[Plan]:
    """Plans that still go by an older version of it, of those the user may read."""
    return Plan.objects.visible_to(user).filter(
        clinic=protocol.clinic_id,
        protocol__key=protocol.key,
        protocol__version__lt=protocol.version,
        status__in=MOVABLE,
    )


def with_steps(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """What the preview of many plans reads, in as many queries as for one."""
    return plans.select_related(
        "protocol", "provider", "complaint__patient__clinic"
    ).prefetch_related(
        "protocol__steps",
        "protocol__goals",
        "goals",
        Prefetch("interventions", Intervention.objects.select_related("step")),
    )


def preview(plans: Iterable[Plan], protocol: Protocol) -> list[PlanMove]:
    new = step_changes.repeats(protocol)
    return [_preview(plan, protocol, new) for plan in plans]


def _preview(plan: Plan, protocol: Protocol, new: Places) -> PlanMove:
    refusal = _refusal(plan, protocol)
    if refusal:
        return PlanMove(plan, refusal=refusal)
    changes = _changes(plan, protocol, new)
    follow_ups = consequences.foresee(
        "plan.protocol_changed", plan, protocol=protocol, rows=changes.rows
    )
    effect = _of_steps(changes.steps) + follow_ups + changes.goals.effect()
    return PlanMove(plan, effect)


def _of_steps(changes: StepChanges) -> Effect:
    rows = [
        *(_row(repeat.title, Change.ADDED, None, day) for repeat, day in changes.added),
        *(_row(r.title, Change.CANCELLED, r.planned_on, None) for r in changes.removed),
        *(
            _row(row.title, Change.MOVED, row.planned_on, day)
            for row, _, day in changes.redated
        ),
    ]
    return Effect(list(changes.in_words()), rows)


def _row(name: str, change: Change, was: date | None, becomes: date | None) -> Row:
    return Row(Kind.INTERVENTION, name, change, was, becomes)


def _refusal(plan: Plan, protocol: Protocol) -> str:
    if plan.protocol is None or plan.protocol.key != protocol.key:
        return "It follows another protocol."
    if plan.protocol.version >= protocol.version:
        return f"It follows version {plan.protocol.version} already."
    if plan.status not in MOVABLE:
        return f"It is {plan.get_status_display().lower()}."
    if plan.protocol.anchor != protocol.anchor:
        return "Its day 0 is another one; end it and start anew instead."
    if protocol.retired_at is not None:
        return "The protocol is retired."
    if offered.newest_of(protocol).version != protocol.version:
        return "A newer version is published."
    index = _index(plan)
    if index is not None and index.step_id is None:
        return "Its procedure follows no step of the protocol; end it and start anew."
    return ""


def _changes(plan: Plan, protocol: Protocol, new: Places) -> Changes:
    old = step_changes.repeats(plan.protocol) if plan.protocol else {}
    today = clock.today(plan.complaint.patient.kept.time_zone)
    standing = list(plan.interventions.all())
    steps = step_changes.changes(
        standing, old, new, started_on=plan.started_on, today=today
    )
    rows = _after(plan, steps, protocol)
    was = series.day_0_among(plan, standing, 1) or _last_known(standing)
    aims = goal_changes.changes(
        plan,
        goals.open_of(plan),
        list(plan.protocol.goals.all()) if plan.protocol else [],
        list(protocol.goals.all()),
        was=was,
        now=series.day_0_among(plan, rows, 1) or was,
        today=today,
    )
    return Changes(steps, aims, rows)


def _last_known(standing: list[Intervention]) -> date | None:
    """Where day 0 was when its procedure was cancelled: goals stand there still."""
    days = [row.on for row in standing if row.is_index and row.course == 1]
    return max((day for day in days if day is not None), default=None)


def _after(plan: Plan, steps: StepChanges, protocol: Protocol) -> list[Intervention]:
    """The plan's interventions as they will be, not stored yet."""
    kept = {row.pk: (repeat, day) for row, repeat, day in steps.kept}
    gone = {row.pk for row in steps.removed}
    old = step_changes.repeats(plan.protocol) if plan.protocol else {}
    found = []
    for row in plan.interventions.all():
        becomes = copy(row)
        if row.pk in gone:
            becomes.status, becomes.status_reason = Status.CANCELLED, GONE
        elif row.pk in kept:
            repeat, day = kept[row.pk]
            _read_as(becomes, old.get(_place(row)), repeat, day)
        found.append(becomes)
    found += [_new(plan, repeat, day) for repeat, day in steps.added]
    _mark_day_0(plan, found, protocol)
    return found


def _place(row: Intervention) -> step_changes.Place:
    return (row.step.key if row.step else "", row.series_number or 1)


def _mark_day_0(plan: Plan, rows: list[Intervention], protocol: Protocol) -> None:
    """The last of its series that stands; what was given stays day 0."""
    index = _index(plan)
    if index is not None and index.status == Status.PERFORMED:
        return
    steps = {step.key for step in protocol.steps.all() if step.is_index}
    first = [row for row in rows if row.course == 1 and row.step is not None]
    for row in first:
        if row.status == Status.PLANNED:
            row.is_index = False
    standing = [
        row
        for row in first
        if row.step and row.step.key in steps and row.status in series.STANDING
    ]
    if standing:
        max(standing, key=lambda row: row.series_number or 1).is_index = True


def _index(plan: Plan) -> Intervention | None:
    """Day 0 of the first course, as it was read."""
    return series.index_among(list(plan.interventions.all()), 1)


def move(plans: Collection[Plan], *, protocol: Protocol, by: User) -> int:
    """Move the chosen plans, all of them or none; returns how many."""
    with transaction.atomic():
        # All at once and in one order, so that two people who move the same plans
        # wait for each other and not in a ring.
        rows.lock_complaints(plan.complaint_id for plan in plans)
        for plan in sorted(plans, key=_turn):
            move_one(plan, protocol=protocol, by=by)
    return len(plans)


def _turn(plan: Plan) -> tuple[Any, ...]:
    """The order in which their follow-ups hold the patients: a merged record first,
    then the one that is kept.
    """
    patient = plan.complaint.patient
    is_kept = patient.merged_into_id is None
    return (patient.kept.pk, is_kept, patient.pk, plan.complaint_id, plan.pk)


@transaction.atomic
def move_one(plan: Plan, *, protocol: Protocol, by: User) -> Plan:
    rows.lock_complaint(plan.complaint)
    refusal = _refusal(plan, protocol)
    if refusal:
        raise ValidationError({"plans": f"{plan}: {refusal}"})
    before = plan.protocol
    fresh = with_steps(Plan.objects.filter(pk=plan.pk)).get()
    changes = _changes(fresh, protocol, step_changes.repeats(protocol))
    is_moved = Plan.objects.filter(
        pk=plan.pk, protocol=before, status__in=MOVABLE
    ).update(protocol=protocol)
    if not is_moved:
        words = f"{plan} was moved or ended by somebody else just now."
        raise ValidationError({"plans": words})
    touched = _write(changes)
    aims = _write_goals(changes.goals)
    plan.protocol = protocol
    fresh.protocol = protocol
    consequences.apply(
        "plan.protocol_changed", fresh, before=before, protocol=protocol, by=by
    )
    audit.record(
        by=by,
        action="plan.protocol_changed",
        about=plan,
        before=str(before),
        after=str(protocol),
        interventions=touched,
        goals=aims,
    )
    return plan


def _write(changes: Changes) -> dict[str, list[str]]:
    """The rows that the changes name, and which those were."""
    steps = changes.steps
    redated = {row.pk: row.planned_on for row, _, _ in steps.redated}
    added = [row for row in changes.rows if row._state.adding]
    stored = [row for row in changes.rows if not row._state.adding]
    # First nobody is day 0 who is not then, for there may be no moment with two.
    _of(row for row in stored if not row.is_index).update(is_index=False)
    _of(steps.removed).update(status=Status.CANCELLED, status_reason=GONE)
    kept = {row.pk for row, _, _ in steps.kept}
    for row in stored:
        if row.pk in kept:
            _of([row]).update(**{name: getattr(row, name) for name in OF_STEP})
    Intervention.objects.bulk_create(added)
    _of(row for row in stored if row.is_index).update(is_index=True)
    return {
        "added": [str(row.pk) for row in added],
        "cancelled": [str(row.pk) for row in steps.removed],
        "moved": [f"{pk} from {day}" for pk, day in redated.items()],
    }


def _of(rows: Iterable[Intervention]) -> QuerySet[Intervention]:
    return Intervention.objects.filter(pk__in=[row.pk for row in rows])


def _write_goals(changes: GoalChanges) -> dict[str, Any]:
    """The same of the goals; one that somebody changed meanwhile stays theirs."""
    Goal.objects.bulk_create(changes.added)
    return {
        "added": {str(goal.pk): goals.facts(goal) for goal in changes.added},
        "changed": {
            str(goal.pk): {"before": goals.facts(goal), "after": _text(columns)}
            for goal, columns in changes.changed
            if goals.claim(goal, columns)
        },
        "dropped": [
            str(goal.pk)
            for goal in changes.dropped
            if goals.claim(goal, {"status": Goal.Status.DROPPED, "status_reason": GONE})
        ],
    }


def _text(columns: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in columns.items()}


def _read_as(
    row: Intervention, was: Repeat | None, becomes: Repeat, day: date | None
) -> None:
    """What was adjusted for this patient stays; the rest reads as the new step."""
    step = becomes.step
    if was is not None:
        row.title = becomes.title if row.title == was.title else row.title
        row.kind = step.kind if row.kind == was.step.kind else row.kind
        row.detail = step.detail if row.detail == was.step.detail else row.detail
    row.step = step
    row.modality = step.modality
    row.series_number = becomes.number if step.repeats > 1 else None
    row.planned_on = day


def _new(plan: Plan, repeat: Repeat, day: date) -> Intervention:
    step = repeat.step
    return Intervention(
        clinic_id=plan.clinic_id,
        plan=plan,
        step=step,
        title=repeat.title,
        modality=step.modality,
        kind=step.kind,
        side=plan.complaint.side,
        series_number=repeat.number if step.repeats > 1 else None,
        planned_on=day,
        detail=step.detail,
    )
