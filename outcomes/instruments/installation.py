"""Gives a clinic the shipped measures and questionnaires as rows of its own."""

import functools
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import bulk
from clinic.models import Clinic
from outcomes.instruments import library
from outcomes.instruments.definition import InstrumentDefinition, MeasureDefinition
from outcomes.models import Instrument, Measure
from plans.protocols import measures as vocabulary

BETTER = tuple(Measure.Better)
# A patient's own measures lead every list and chart.
AFTER_SHIPPED = 100


@transaction.atomic
def install(clinic: Clinic, **_: Any) -> None:
    """Add the measures and versions this clinic does not have; what it has stays."""
    held = set(Measure.objects.filter(clinic=clinic).values_list("key", flat=True))
    measures = [
        measure_row(clinic.pk, definition, position)
        for position, definition in enumerate(library.measures().values())
        if definition.key not in held
    ]
    bulk.insert(measures)
    own = set(Instrument.objects.filter(clinic=clinic).values_list("key", "version"))
    instruments = [
        Instrument(clinic_id=clinic.pk, **_named(one), **_content(one.key))
        for one in library.instruments().values()
        if (one.key, one.version) not in own
    ]
    bulk.insert(instruments)


def instrument_of(clinic_id: UUID, key: str) -> Instrument:
    """The clinic's newest version; one that shipped after it was opened comes now."""
    held = Instrument.objects.filter(clinic=clinic_id, key=key)
    newest = held.order_by("-version").first()
    shipped = library.instruments().get(key)
    if shipped and (newest is None or newest.version < shipped.version):
        return _instrument(clinic_id, shipped)
    if newest is None:
        raise LookupError(f"there is no questionnaire {key!r}")
    return newest


def _instrument(clinic_id: UUID, definition: InstrumentDefinition) -> Instrument:
    row, _ = Instrument.objects.get_or_create(
        clinic_id=clinic_id, **_named(definition), defaults=_content(definition.key)
    )
    return row


def _named(shipped: InstrumentDefinition) -> dict[str, Any]:
    return {"key": shipped.key, "version": shipped.version}


@functools.cache
def _content(key: str) -> dict[str, Any]:
    shipped = library.instruments()[key]
    return {
        "title": shipped.title["en"],
        "definition": shipped.to_json(),
        "sha256": shipped.sha256,
    }


def measures_of(clinic_id: UUID, keys: Iterable[str]) -> dict[str, Measure]:
    """The clinic's measures among these keys; those of the vocabulary come with use.

    What is better neither higher nor lower makes no measure: nothing can be judged.
    """
    wanted = list(keys)
    found = {
        measure.key: measure
        for measure in Measure.objects.filter(clinic=clinic_id, key__in=wanted)
    }
    shipped, known = library.measures(), vocabulary.known()
    for key in wanted:
        if key in shipped and key not in found:
            found[key] = _shipped_since(clinic_id, shipped[key])
        elif key in known and key not in found and known[key].better_is in BETTER:
            found[key] = _from_vocabulary(clinic_id, known[key])
    return found


def _shipped_since(clinic_id: UUID, definition: MeasureDefinition) -> Measure:
    """One that ships since the clinic was opened."""
    position = list(library.measures()).index(definition.key)
    row = measure_row(clinic_id, definition, position)
    held, _ = Measure.objects.get_or_create(
        clinic_id=clinic_id,
        key=definition.key,
        defaults={name: getattr(row, name) for name in _COPIED},
    )
    return held


def _from_vocabulary(clinic_id: UUID, known: vocabulary.KnownMeasure) -> Measure:
    measure, _ = Measure.objects.get_or_create(
        clinic_id=clinic_id,
        key=known.key,
        defaults={
            "name": known.name,
            "short_name": known.name,
            "minimum": known.minimum,
            "maximum": known.maximum,
            "better_is": known.better_is,
            # Change is seen against a baseline, and these have none.
            "is_asked_at_baseline": False,
            "position": AFTER_SHIPPED,
        },
    )
    return measure


_COPIED = (
    *("name", "short_name", "role", "minimum", "maximum", "better_is", "sources"),
    *("mic_points", "mic_percent", "mdc_points", "pass_at", "position"),
    "is_asked_at_baseline",
)


def measure_row(
    clinic_id: UUID, definition: MeasureDefinition, position: int
) -> Measure:
    return Measure(
        clinic_id=clinic_id,
        key=definition.key,
        name=definition.name,
        short_name=definition.short_name,
        role=definition.role,
        minimum=definition.minimum,
        maximum=definition.maximum,
        better_is=definition.better_is,
        mic_points=definition.mic_points,
        mic_percent=definition.mic_percent,
        mdc_points=definition.mdc_points,
        pass_at=definition.pass_at,
        is_asked_at_baseline=definition.asked_at_baseline,
        sources=list(definition.sources),
        position=position,
    )
