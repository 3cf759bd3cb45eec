"""Moves plans that run to a newer version of their protocol, chosen one by one."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from clinic import audit, clock, consequences
from clinic.consequences import Change, Effect, Kind, Row
from clinic.models import User
from patients import rows
from plans.course import goals, series
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import goal_changes, moving_rows, offered, step_changes
from plans.protocols.goal_changes import GoalChanges
from plans.protocols.moving_rows import GONE, Changes
from plans.protocols.step_changes import Repeat, StepChanges

MOVABLE = (*Plan.INTENDED, *Plan.RUNNING)
Places = dict[step_changes.Place, Repeat]
PLANS_AT_ONCE = 500
Status = Intervention.Status


@dataclass(frozen=True, slots=True)
class PlanMove:
    """What one plan would go through; `refusal` says why it cannot be moved."""

    plan: Plan
    effect: Effect = field(default_factory=Effect)
    refusal: str = ""

    @property
    def sentences(self) -> list[str]:
        return self.effect.sentences


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
    prefetch_related_objects([protocol], "steps", "goals")
    new, newest = step_changes.repeats(protocol), offered.newest_of(protocol)
    return [_preview(plan, protocol, new, newest) for plan in plans]


def _preview(plan: Plan, protocol: Protocol, new: Places, newest: Protocol) -> PlanMove:
    refusal = _refusal(plan, protocol, newest)
    if refusal:
        return PlanMove(plan, refusal=refusal)
    stepped = _stepped(plan, protocol, new, _places_of(plan.protocol))
    changes = _changes(stepped, protocol)
    follow_ups = consequences.foresee(
        "plan.protocol_changed", plan, protocol=protocol, rows=changes.rows
    )
    effect = _of_steps(changes.steps) + follow_ups + changes.goals.effect()
    return PlanMove(plan, effect)


def _places_of(protocol: Protocol | None) -> Places:
    return {} if protocol is None else step_changes.repeats(protocol)


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


def _refusal(plan: Plan, protocol: Protocol, newest: Protocol) -> str:
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
    if newest.version != protocol.version:
        return "A newer version is published."
    index = _index(plan)
    if index is not None and index.step_id is None:
        return "Its procedure follows no step of the protocol; end it and start anew."
    return ""


@dataclass(frozen=True, slots=True)
class _Stepped:
    """A plan with its steps by the new version, and where day 0 was and will be."""

    plan: Plan
    steps: StepChanges
    rows: list[Intervention]
    was: date | None
    now: date | None
    today: date

    def touches_goals(self, protocol: Protocol) -> bool:
        """Goals follow what the protocol aims at, and day 0; else they all stay."""
        return self.was != self.now or _aims(self.plan.protocol) != _aims(protocol)


def _stepped(plan: Plan, protocol: Protocol, new: Places, old: Places) -> _Stepped:
    today = clock.today(plan.complaint.patient.kept.time_zone)
    standing = list(plan.interventions.all())
    steps = step_changes.changes(
        standing, old, new, started_on=plan.started_on, today=today
    )
    rows = _after(plan, steps, protocol, old)
    was = series.day_0_among(plan, standing, 1) or _last_known(standing)
    now = series.day_0_among(plan, rows, 1) or was
    return _Stepped(plan, steps, rows, was, now, today)


def _changes(one: _Stepped, protocol: Protocol) -> Changes:
    if not one.touches_goals(protocol):
        return Changes(one.steps, GoalChanges(), one.rows)
    plan = one.plan
    aims = goal_changes.changes(
        plan,
        goals.open_of(plan),
        list(plan.protocol.goals.all()) if plan.protocol else [],
        list(protocol.goals.all()),
        was=one.was,
        now=one.now,
        today=one.today,
    )
    return Changes(one.steps, aims, one.rows)


def _aims(protocol: Protocol | None) -> list[goal_changes.Aim]:
    return (
        [goal_changes.aim_of(goal) for goal in protocol.goals.all()] if protocol else []
    )


def _last_known(standing: list[Intervention]) -> date | None:
    """Where day 0 was when its procedure was cancelled: goals stand there still."""
    days = [row.on for row in standing if row.is_index and row.course == 1]
    return max((day for day in days if day is not None), default=None)


def _after(
    plan: Plan, steps: StepChanges, protocol: Protocol, old: Places
) -> list[Intervention]:
    """The plan's interventions as they will be, not stored yet."""
    kept = {row.pk: (repeat, day) for row, repeat, day in steps.kept}
    gone = {row.pk for row in steps.removed}
    found = []
    keeps_day_0 = _keeps_day_0(plan)
    for row in plan.interventions.all():
        # A copy takes long, and of what was done nothing but its mark can change.
        is_final = keeps_day_0 and row.status != Status.PLANNED
        becomes = row if is_final else copy(row)
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
    if _keeps_day_0(plan):
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


def _keeps_day_0(plan: Plan) -> bool:
    index = _index(plan)
    return index is not None and index.status == Status.PERFORMED


def _index(plan: Plan) -> Intervention | None:
    """Day 0 of the first course, as it was read."""
    return series.index_among(list(plan.interventions.all()), 1)


def move(plans: Sequence[Plan], *, protocol: Protocol, by: User) -> int:
    """Move the chosen plans, all of them or none; returns how many."""
    with transaction.atomic():
        # In one order, so that two people who move the same plans wait for each
        # other and not in a ring.
        rows.lock_complaints(plan.complaint_id for plan in plans)
        stored = {plan.pk: plan for plan in _held(plan.pk for plan in plans)}
        newest = offered.newest_of(protocol)
        for plan in plans:
            _check(plan, stored[plan.pk], protocol, newest)
        _move(list(stored.values()), protocol, by)
    for plan in plans:
        plan.protocol = protocol
    return len(plans)


def _check(plan: Plan, stored: Plan, protocol: Protocol, newest: Protocol) -> None:
    """Raises ValidationError for what cannot be moved, or was changed meanwhile."""
    stood = (plan.protocol_id, plan.status)
    if stood != (stored.protocol_id, stored.status):
        words = f"{plan} was moved or ended by somebody else just now."
        raise ValidationError({"plans": words})
    refusal = _refusal(stored, protocol, newest)
    if refusal:
        raise ValidationError({"plans": f"{plan}: {refusal}"})


def move_all(protocol: Protocol, *, by: User) -> tuple[int, int]:
    """Move every plan that may be: how many were, and how many cannot be.

    A batch at a time, each in a transaction of its own. Who is interrupted begins
    again, and finds those that are left.
    """
    moved, last = 0, None
    while ids := _next(protocol, by, last):
        moved += _move_batch(ids, protocol, by)
        last = ids[-1]
    return moved, movable(protocol, by).count()


def _next(protocol: Protocol, by: User, last: UUID | None) -> list[UUID]:
    plans = movable(protocol, by).order_by("pk")
    if last is not None:
        plans = plans.filter(pk__gt=last)
    return list(plans.values_list("pk", flat=True)[:PLANS_AT_ONCE])


@transaction.atomic
def _move_batch(ids: Sequence[UUID], protocol: Protocol, by: User) -> int:
    """Those of them that may be moved, as they stand once they are held."""
    of_them = Plan.objects.filter(pk__in=ids)
    rows.lock_complaints(of_them.values_list("complaint", flat=True))
    newest = offered.newest_of(protocol)
    plans = [plan for plan in _held(ids) if not _refusal(plan, protocol, newest)]
    _move(plans, protocol, by)
    return len(plans)


# Of ten thousand plans the rest would take longer to read than all that is done.
_READ = (
    *("clinic", "protocol", "title", "status", "started_on"),
    *("complaint__side", "complaint__clinic"),
    *(f"complaint__patient__{name}" for name in ("clinic", "zone", "merged_into")),
)
_OF_ROW = (
    *("plan", "clinic", "course", "status", "is_index", "performed_on"),
    *moving_rows.OF_STEP,
)


def _held(ids: Iterable[UUID]) -> QuerySet[Plan]:
    """What a move of many reads, in as many queries as for one."""
    return (
        Plan.objects.filter(pk__in=list(ids))
        .select_related("complaint__patient")
        .only(*_READ)
        .prefetch_related(
            "complaint__patient__clinic",
            "complaint__patient__merged_into__clinic",
            "protocol__steps",
            "protocol__goals",
            Prefetch("interventions", Intervention.objects.only(*_OF_ROW)),
            "interventions__step",
        )
    )


def _hold_goals(plans: Sequence[Plan]) -> None:
    """They can be adjusted without their complaint, so they are held as well."""
    held = Goal.objects.select_for_update(no_key=True)
    prefetch_related_objects(plans, Prefetch("goals", held))


def _move(plans: Sequence[Plan], protocol: Protocol, by: User) -> None:
    """Plans whose complaints are held: a constant number of queries."""
    if not plans:
        return
    prefetch_related_objects([protocol], "steps", "goals")
    new = step_changes.repeats(protocol)
    before = {plan.pk: plan.protocol for plan in plans}
    versions = {old.pk: old for old in before.values() if old is not None}
    old = {pk: step_changes.repeats(version) for pk, version in versions.items()}
    stepped = [
        _stepped(plan, protocol, new, old[version.pk] if version else {})
        for plan, version in zip(plans, before.values(), strict=True)
    ]
    _hold_goals([one.plan for one in stepped if one.touches_goals(protocol)])
    found = [(one.plan, _changes(one, protocol)) for one in stepped]
    Plan.objects.filter(pk__in=before).update(protocol=protocol)
    written = moving_rows.write(found)
    for plan in plans:
        plan.protocol = protocol
    consequences.apply(
        "plans.protocol_changed",
        plans,
        before={pk: one.pk for pk, one in before.items() if one is not None},
        protocol=protocol,
        by=by,
    )
    audit.record_all(
        [
            audit.Entry(
                "plan.protocol_changed",
                plan,
                {"before": str(before[plan.pk]), "after": str(protocol), **facts},
            )
            for plan, facts in zip(plans, written, strict=True)
        ],
        by=by,
    )


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
