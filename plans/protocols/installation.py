"""Puts the shipped protocols into a clinic, version by version."""

import dataclasses
from typing import Any

from django.db import transaction

from clinic.models import Clinic
from plans.models import Protocol, ProtocolStep, Timepoint
from plans.protocols import library
from plans.protocols.library import ProtocolDefinition

_KEPT_OF_TIMEPOINT = {field.name for field in Timepoint._meta.concrete_fields}


@transaction.atomic
def install(clinic: Clinic, **_: Any) -> None:
    """Add the shipped versions this clinic does not have; what it has stays."""
    held = set(Protocol.objects.filter(clinic=clinic).values_list("key", "version"))
    for definition in library.load_all():
        if (definition.key, definition.version) not in held:
            publish(clinic, definition)


def publish(clinic: Clinic, definition: ProtocolDefinition) -> Protocol:
    protocol = Protocol.objects.create(
        clinic=clinic,
        key=definition.key,
        version=definition.version,
        title=definition.title,
        modality=definition.modality,
        summary=definition.summary,
        anchor=definition.anchor,
        sources=list(definition.sources),
        sha256=definition.sha256,
    )
    ProtocolStep.objects.bulk_create(
        ProtocolStep(
            clinic=clinic,
            protocol=protocol,
            position=number,
            key=f"step-{number}",
            **dataclasses.asdict(step),
        )
        for number, step in enumerate(definition.steps, start=1)
    )
    Timepoint.objects.bulk_create(
        Timepoint(
            clinic=clinic,
            protocol=protocol,
            **{
                name: list(value) if name == "sources" else value
                for name, value in dataclasses.asdict(point).items()
                if name in _KEPT_OF_TIMEPOINT
            },
        )
        for point in definition.timepoints
    )
    return protocol
