"""Gives a clinic the shipped measures and questionnaires as rows of its own."""

from typing import Any

from django.db import transaction

from clinic.models import Clinic
from outcomes.instruments import library
from outcomes.models import Instrument, Measure


@transaction.atomic
def install(clinic: Clinic, **_: Any) -> None:
    """Add the measures and versions this clinic does not have; what it has stays."""
    held = set(Measure.objects.filter(clinic=clinic).values_list("key", flat=True))
    Measure.objects.bulk_create(
        measure_row(clinic, definition, position)
        for position, definition in enumerate(library.measures().values())
        if definition.key not in held
    )
    for definition in library.instruments().values():
        Instrument.objects.get_or_create(
            clinic=clinic,
            key=definition.key,
            version=definition.version,
            defaults={
                "title": definition.title["en"],
                "definition": definition.to_json(),
                "sha256": definition.sha256,
            },
        )


def measure_row(
    clinic: Clinic, definition: library.MeasureDefinition, position: int
) -> Measure:
    return Measure(
        clinic=clinic,
        key=definition.key,
        name=definition.name,
        short_name=definition.short_name,
        role=definition.role,
        minimum=definition.minimum,
        maximum=definition.maximum,
        better_is=definition.better_is,
        mic_points=definition.mic_points,
        mic_percent=definition.mic_percent,
        is_asked_at_baseline=definition.asked_at_baseline,
        sources=list(definition.sources),
        position=position,
    )
