"""Moves plans that run to a newer version of their protocol, chosen one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from clinic import audit, consequences
from clinic.consequences import Change, Effect, Kind, Row
from clinic.models import User
from patients import rows
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import (
    carrying,
    moving_rows,
    offered,
    plan_changes,
    step_changes,
)
from plans.protocols.goal_changes import GoalChanges
from plans.protocols.plan_changes import Changes, Places
from plans.protocols.step_changes import StepChanges

MOVABLE = (*Plan.INTENDED, *Plan.RUNNING)
PLANS_AT_ONCE = 1000


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
    stepped = plan_changes.stepped(plan, protocol, new, _places_of(plan.protocol))
    changes = plan_changes.changes(stepped, protocol)
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
    if refusal := _closed(protocol, newest):
        return refusal
    index = plan_changes.index_of(plan)
    if index is not None and index.step_id is None:
        return "Its procedure follows no step of the protocol; end it and start anew."
    return ""


def _closed(protocol: Protocol, newest: Protocol) -> str:
    """Why no plan at all is moved to this version; empty where they are."""
    if protocol.retired_at is not None:
        return "The protocol is retired."
    if newest.version != protocol.version:
        return "A newer version is published."
    return ""


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
        _tell(_move(list(stored.values()), protocol), protocol, by)
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
    if _closed(protocol, newest):
        return 0
    moved = _carry(ids, protocol)
    done = {one.pk for one in moved}
    left = _held(pk for pk in ids if pk not in done)
    plans = [plan for plan in left if not _refusal(plan, protocol, newest)]
    moved += _move(plans, protocol)
    # Told once: the patients are held in one order.
    if moved:
        _tell(moved, protocol, by)
    return len(moved)


def _carry(ids: Sequence[UUID], protocol: Protocol) -> list["Moved"]:
    """Move those of them of whose own rows nothing changes; returns which."""
    older = Protocol.objects.filter(
        clinic=protocol.clinic_id, key=protocol.key, version__lt=protocol.version
    )
    prefetch_related_objects([protocol], "steps", "goals")
    alike = [
        one
        for one in older.prefetch_related("steps", "goals")
        if carrying.leaves_plans_as_they_are(one, protocol)
    ]
    plans = carrying.among(ids, alike, protocol, MOVABLE)
    if not plans:
        return []
    carrying.carry(plans, alike, protocol)
    unchanged = moving_rows.facts(Changes(StepChanges(), GoalChanges(), []))
    versions = {one.pk: one for one in alike}
    return [
        Moved(one.pk, one.about, versions[one.protocol_id], unchanged) for one in plans
    ]


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


def _move(plans: Sequence[Plan], protocol: Protocol) -> list["Moved"]:
    """Plans whose complaints are held: a constant number of queries."""
    if not plans:
        return []
    prefetch_related_objects([protocol], "steps", "goals")
    new = step_changes.repeats(protocol)
    before = {plan.pk: plan.protocol for plan in plans}
    versions = {old.pk: old for old in before.values() if old is not None}
    old = {pk: step_changes.repeats(version) for pk, version in versions.items()}
    stepped = [
        plan_changes.stepped(plan, protocol, new, old[version.pk] if version else {})
        for plan, version in zip(plans, before.values(), strict=True)
    ]
    _hold_goals([one.plan for one in stepped if one.touches_goals(protocol)])
    found = [(one.plan, plan_changes.changes(one, protocol)) for one in stepped]
    Plan.objects.filter(pk__in=before).update(protocol=protocol)
    written = moving_rows.write(found)
    return [
        Moved(plan.pk, audit.About.of(plan), before[plan.pk], facts)
        for plan, facts in zip(plans, written, strict=True)
    ]


class Moved(NamedTuple):
    """A plan that goes by the new version, and what of its own rows changed."""

    pk: UUID
    about: audit.About
    before: Protocol | None
    facts: dict[str, Any]


def _tell(moved: Sequence[Moved], protocol: Protocol, by: User) -> None:
    consequences.apply(
        "plans.protocol_changed",
        [one.pk for one in moved],
        before={one.pk: one.before.pk for one in moved if one.before is not None},
        protocol=protocol,
        by=by,
    )
    entries = []
    for one in moved:
        versions = {"before": str(one.before), "after": str(protocol)}
        facts = versions | one.facts
        entries.append(audit.Entry("plan.protocol_changed", one.about, facts))
    audit.record_all(entries, by=by)
