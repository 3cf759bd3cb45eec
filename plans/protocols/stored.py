"""Published versions as rows: written once, and read back as what was published."""

import dataclasses
from typing import Any

from plans.models import (
    Protocol,
    ProtocolGoal,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import documents
from plans.protocols.definition import (
    GoalDefinition,
    ProtocolDefinition,
    RungDefinition,
    StepDefinition,
    TimepointDefinition,
)

PARTS = ("steps", "timepoints", "goals", "rungs")


def publish(clinic_id: Any, definition: ProtocolDefinition, **about: Any) -> Protocol:
    """A new version with all its rows; `about` says by whom and why."""
    protocol = Protocol.objects.create(
        clinic_id=clinic_id,
        key=definition.key,
        version=definition.version,
        title=definition.title,
        modality=definition.modality,
        condition=definition.condition,
        summary=definition.summary,
        anchor=definition.anchor,
        sources=list(definition.sources),
        sha256=documents.fingerprint(definition),
        **about,
    )
    of = {"clinic_id": clinic_id, "protocol": protocol}
    ProtocolStep.objects.bulk_create(
        ProtocolStep(**of, position=number, **dataclasses.asdict(step))
        for number, step in enumerate(definition.steps, start=1)
    )
    Timepoint.objects.bulk_create(
        Timepoint(**of, **_listed(dataclasses.asdict(point)))
        for point in definition.timepoints
    )
    ProtocolGoal.objects.bulk_create(
        ProtocolGoal(**of, position=number, **dataclasses.asdict(goal))
        for number, goal in enumerate(definition.goals, start=1)
    )
    ReminderRung.objects.bulk_create(
        ReminderRung(**of, position=number, **dataclasses.asdict(rung))
        for is_safety in (False, True)
        for number, rung in enumerate(definition.ladder(is_safety=is_safety), start=1)
    )
    return protocol


def definition_of(protocol: Protocol) -> ProtocolDefinition:
    """What it says; four queries, none where PARTS came with it."""
    return ProtocolDefinition(
        key=protocol.key,
        version=protocol.version,
        title=protocol.title,
        modality=protocol.modality,
        condition=protocol.condition,
        summary=protocol.summary,
        anchor=protocol.anchor,
        sources=tuple(protocol.sources),
        steps=_all(protocol.steps.all(), StepDefinition),
        timepoints=_all(protocol.timepoints.all(), TimepointDefinition),
        goals=_all(protocol.goals.all(), GoalDefinition),
        rungs=_all(protocol.rungs.all(), RungDefinition),
    )


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    """JSON columns keep lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _all(rows: Any, made_of: type) -> tuple[Any, ...]:
    names = [field.name for field in dataclasses.fields(made_of)]
    return tuple(
        made_of(**{name: _held(getattr(row, name)) for name in names}) for row in rows
    )


def _held(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
