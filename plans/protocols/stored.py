"""Published versions as rows: written once, and read back as what was published."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model

from clinic import bulk
from plans.models import (
    Protocol,
    ProtocolGoal,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import documents, yearly
from plans.protocols.definition import (
    GoalDefinition,
    ProtocolDefinition,
    RungDefinition,
    StepDefinition,
    TimepointDefinition,
)

Values = Iterator[dict[str, Any]]
Rows = Mapping[type[Model], tuple[dict[str, Any], ...]]
PARTS = ("steps", "timepoints", "goals", "rungs")


def publish(clinic_id: Any, definition: ProtocolDefinition, **about: Any) -> Protocol:
    """A new version with all its rows; `about` says by whom and why."""
    return publish_all(clinic_id, [definition], **about)[0]


def publish_all(
    clinic_id: Any, definitions: Sequence[ProtocolDefinition], **about: Any
) -> list[Protocol]:
    """The same for many at once: one query a table."""
    protocols = Protocol.objects.bulk_create(
        Protocol(
            clinic_id=clinic_id,
            key=definition.key,
            version=definition.version,
            title=definition.title,
            modality=definition.modality,
            condition=definition.condition,
            summary=definition.summary,
            anchor=definition.anchor,
            sources=list(definition.sources),
            yearly_until=definition.yearly_until,
            sha256=documents.fingerprint(definition),
            **about,
        )
        for definition in definitions
    )
    pairs = list(zip(protocols, definitions, strict=True))
    for model in _PARTS_OF:
        rows = [
            model(clinic_id=clinic_id, protocol=protocol, **values)
            for protocol, definition in pairs
            for values in _rows_of(definition)[model]
        ]
        bulk.insert(rows)
    return protocols


@functools.lru_cache(maxsize=64)
def _rows_of(definition: ProtocolDefinition) -> Rows:
    """By model; every clinic that is opened has the shipped ones written."""
    return {model: tuple(parts(definition)) for model, parts in _PARTS_OF.items()}


def _steps(definition: ProtocolDefinition) -> Values:
    for number, step in enumerate(definition.steps, start=1):
        yield {"position": number, **dataclasses.asdict(step)}


def _timepoints(definition: ProtocolDefinition) -> Values:
    own = definition.timepoints
    for point in own:
        yield _listed(dataclasses.asdict(point))
    for point in yearly.tail(own, definition.yearly_until):
        yield {"is_yearly": True, **_listed(dataclasses.asdict(point))}


def _goals(definition: ProtocolDefinition) -> Values:
    for number, goal in enumerate(definition.goals, start=1):
        yield {"position": number, **dataclasses.asdict(goal)}


def _rungs(definition: ProtocolDefinition) -> Values:
    for is_safety in (False, True):
        rungs = definition.ladder(is_safety=is_safety)
        for number, rung in enumerate(rungs, start=1):
            yield {"position": number, **dataclasses.asdict(rung)}


_PARTS_OF: dict[type[Model], Callable[[ProtocolDefinition], Values]] = {
    ProtocolStep: _steps,
    Timepoint: _timepoints,
    ProtocolGoal: _goals,
    ReminderRung: _rungs,
}


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
        timepoints=_all(
            (point for point in protocol.timepoints.all() if not point.is_yearly),
            TimepointDefinition,
        ),
        goals=_all(protocol.goals.all(), GoalDefinition),
        rungs=_all(protocol.rungs.all(), RungDefinition),
        yearly_until=protocol.yearly_until,
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
