"""What a protocol's steps become in a plan: interventions on days of the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from plans.models import Anchor, Intervention, Plan, Protocol, ProtocolStep
from plans.protocols import step_days


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One repeat of a step on its day; `number` counts the repeats of a series."""

    step: ProtocolStep
    number: int | None
    is_index: bool
    on: date


def steps_of(
    protocol: Protocol, started_on: date, procedure_on: date | None = None
) -> list[PlannedStep]:
    """Every step and repeat, in the protocol's order.

    `procedure_on` is the day of the procedure, of a series its first; it and what
    comes after it move there. Reads the protocol's steps once.
    """
    return list(_placed(list(protocol.steps.all()), started_on, procedure_on))


def _placed(
    steps: list[ProtocolStep], started_on: date, procedure_on: date | None
) -> Iterator[PlannedStep]:
    days = step_days.days(steps)
    index = next((step for step in steps if step.is_index), None)
    first = days[index.key][0] if index else 0
    moved = (procedure_on - started_on).days - first if procedure_on else 0
    for step in steps:
        for number, day in enumerate(days[step.key], start=1):
            yield PlannedStep(
                step,
                number if step.repeats > 1 else None,
                step.is_index and number == step.repeats,
                started_on + timedelta(days=day + (moved if day >= first else 0)),
            )


def anchor_day(
    protocol: Protocol, started_on: date, procedure_on: date | None = None
) -> date:
    """Day 0: the last of the procedures, as given or planned, or the plan's start."""
    if protocol.anchor != Anchor.INDEX_PROCEDURE:
        return started_on
    steps = steps_of(protocol, started_on, procedure_on)
    return next((one.on for one in steps if one.is_index), started_on)


def procedure_day(
    protocol: Protocol, started_on: date, procedure_on: date | None = None
) -> date:
    """The first procedure, up to which a baseline is taken, or the plan's start."""
    if protocol.anchor != Anchor.INDEX_PROCEDURE:
        return started_on
    steps = steps_of(protocol, started_on, procedure_on)
    return next((one.on for one in steps if one.step.is_index), started_on)


def interventions(
    plan: Plan, protocol: Protocol, procedure_on: date | None
) -> list[Intervention]:
    """Not stored yet; a needle goes where the complaint is unless it is changed."""
    return [
        Intervention(
            clinic_id=plan.clinic_id,
            plan=plan,
            step=one.step,
            title=one.step.title_of(one.number),
            modality=one.step.modality,
            kind=one.step.kind,
            side=plan.complaint.side,
            series_number=one.number,
            is_index=one.is_index,
            planned_on=one.on,
            detail=one.step.detail,
        )
        for one in steps_of(protocol, plan.started_on, procedure_on)
    ]
