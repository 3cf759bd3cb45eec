"""Moves plans that run to a newer version of their protocol, chosen one by one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from clinic import audit, clock, consequences
from clinic.models import User
from patients import rows
from plans.models import Intervention, Plan, Protocol
from plans.protocols import offered, step_changes
from plans.protocols.step_changes import Repeat, StepChanges

MOVABLE = (*Plan.INTENDED, *Plan.RUNNING)
Places = dict[step_changes.Place, Repeat]
GONE = "no longer in the protocol"


@dataclass(frozen=True, slots=True)
class PlanMove:
    """What one plan would go through; `refusal` says why it cannot be moved."""

    plan: Plan
    sentences: list[str]
    refusal: str = ""


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
        Prefetch("interventions", Intervention.objects.select_related("step")),
    )


def preview(plans: Iterable[Plan], protocol: Protocol) -> list[PlanMove]:
    new = step_changes.repeats(protocol)
    return [_preview(plan, protocol, new) for plan in plans]


def _preview(plan: Plan, protocol: Protocol, new: Places) -> PlanMove:
    refusal = _refusal(plan, protocol)
    if refusal:
        return PlanMove(plan, [], refusal)
    changes = _changes(plan, new)
    sentences = list(changes.in_words())
    sentences += consequences.preview(
        "plan.protocol_changed",
        plan,
        protocol=protocol,
        day_0=_day_0(plan, changes),
    )
    return PlanMove(plan, sentences)


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


def _changes(plan: Plan, new: Places) -> StepChanges:
    old = step_changes.repeats(plan.protocol) if plan.protocol else {}
    return step_changes.changes(
        list(plan.interventions.all()),
        old,
        new,
        started_on=plan.started_on,
        today=clock.today(plan.complaint.patient.kept.time_zone),
    )


def _day_0(plan: Plan, changes: StepChanges) -> date | None:
    """Where the index procedure is planned then; None where that does not change."""
    index = _index(plan)
    if index is not None and index.status == Intervention.Status.PERFORMED:
        return None
    days = [
        day
        for repeat, day in _after(changes)
        if repeat.step.is_index and repeat.is_last and day is not None
    ]
    return days[0] if days else None


def _after(changes: StepChanges) -> list[tuple[Repeat, date | None]]:
    return [*((r, day) for _, r, day in changes.kept), *changes.added]


def _index(plan: Plan) -> Intervention | None:
    """Day 0 of the first course, as it was read."""
    standing = (Intervention.Status.PLANNED, Intervention.Status.PERFORMED)
    return next(
        (
            row
            for row in plan.interventions.all()
            if row.is_index and row.course == 1 and row.status in standing
        ),
        None,
    )


def move(plans: Collection[Plan], *, protocol: Protocol, by: User) -> int:
    """Move the chosen plans, all of them or none; returns how many."""
    with transaction.atomic():
        for plan in plans:
            move_one(plan, protocol=protocol, by=by)
    return len(plans)


@transaction.atomic
def move_one(plan: Plan, *, protocol: Protocol, by: User) -> Plan:
    rows.lock_complaint(plan.complaint)
    refusal = _refusal(plan, protocol)
    if refusal:
        raise ValidationError({"plans": f"{plan}: {refusal}"})
    before = plan.protocol
    fresh = with_steps(Plan.objects.filter(pk=plan.pk)).get()
    changes = _changes(fresh, step_changes.repeats(protocol))
    is_moved = Plan.objects.filter(
        pk=plan.pk, protocol=before, status__in=MOVABLE
    ).update(protocol=protocol)
    if not is_moved:
        words = f"{plan} was moved or ended by somebody else just now."
        raise ValidationError({"plans": words})
    touched = _write(fresh, changes)
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
    )
    return plan


def _write(plan: Plan, changes: StepChanges) -> dict[str, list[str]]:
    """The rows that the changes name, and which those were."""
    redated = {row.pk: row.planned_on for row, _, _ in changes.redated}
    index = _index(plan)
    is_given = index is not None and index.status == Intervention.Status.PERFORMED
    # First nobody is day 0, for there may be no moment with two.
    if not is_given:
        _planned(plan).update(is_index=False)
    gone = [row.pk for row in changes.removed]
    _planned(plan).filter(pk__in=gone).update(
        status=Intervention.Status.CANCELLED, status_reason=GONE
    )
    old = step_changes.repeats(plan.protocol) if plan.protocol else {}
    for row, repeat, day in changes.kept:
        _keep(plan, row, old.get(repeat.place), repeat, day, is_given)
    added = Intervention.objects.bulk_create(
        _new(plan, repeat, day, is_given) for repeat, day in changes.added
    )
    return {
        "added": [str(row.pk) for row in added],
        "cancelled": [str(pk) for pk in gone],
        "moved": [f"{pk} from {day}" for pk, day in redated.items()],
    }


def _planned(plan: Plan) -> QuerySet[Intervention]:
    return Intervention.objects.filter(
        plan=plan, status=Intervention.Status.PLANNED, course=1, step__isnull=False
    )


def _keep(
    plan: Plan,
    row: Intervention,
    was: Repeat | None,
    becomes: Repeat,
    day: date | None,
    is_given: bool,
) -> None:
    """What was adjusted for this patient stays; the rest reads as the new step."""
    step = becomes.step
    words = {}
    if was is not None:
        words = {
            "title": becomes.title if row.title == was.title else row.title,
            "kind": step.kind if row.kind == was.step.kind else row.kind,
            "detail": step.detail if row.detail == was.step.detail else row.detail,
        }
    _planned(plan).filter(pk=row.pk).update(
        step=step,
        modality=step.modality,
        series_number=becomes.number if step.repeats > 1 else None,
        planned_on=day,
        is_index=_is_day_0(becomes, is_given),
        **words,
    )


def _new(plan: Plan, repeat: Repeat, day: date, is_given: bool) -> Intervention:
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
        is_index=_is_day_0(repeat, is_given),
        planned_on=day,
        detail=step.detail,
    )


def _is_day_0(repeat: Repeat, is_given: bool) -> bool:
    return repeat.step.is_index and repeat.is_last and not is_given
