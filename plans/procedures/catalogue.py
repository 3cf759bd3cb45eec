"""What is recorded of a procedure: each field with its words, unit and bounds.

`data/fields.csv` holds one row for each typed column of plans/models/procedures.py and
for those of Intervention that say what was done, and a row for what is computed.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from clinic import clock, reference_data
from plans.procedures.catalogue_field import CHOSEN, GROUPS, TABLES, Field
from plans.procedures.catalogue_file import read_fields
from plans.procedures.conditions import EMPTY

DATA = Path(__file__).parent / "data"
NOT_RECORDED = "not recorded"
# What a treatment of a modality is not; a joint injection can be PRP or a steroid.
NO_KIND_OF: dict[str, frozenset[str]] = {
    "prp": frozenset(
        {
            "therapy_session",
            "radiofrequency",
            "nerve_block_diagnostic",
            "bone_marrow_harvest",
            "bone_marrow_concentrate_injection",
        }
    ),
    "bone_marrow_concentrate": frozenset(
        {
            "therapy_session",
            "radiofrequency",
            "nerve_block_diagnostic",
            "prp_injection",
        }
    ),
    "image_guided_injection": frozenset(
        {
            "therapy_session",
            "prp_injection",
            "bone_marrow_harvest",
            "bone_marrow_concentrate_injection",
        }
    ),
}


@functools.cache
def fields() -> tuple[Field, ...]:
    sources = reference_data.read_sources(DATA / "sources.csv")
    return read_fields(DATA / "fields.csv", sources)


@functools.cache
def fields_of(modality: str) -> tuple[Field, ...]:
    """What an intervention of this modality records, in the order of its form.

    Measurements of a lifestyle change are rows of their own: `measured()`.
    """
    return tuple(
        _of(field, modality)
        for field in _in_order(fields())
        if modality in TABLES[field.table]
        and field.table != "measurement"
        and _may_be_of(field, modality)
    )


def _of(field: Field, modality: str) -> Field:
    """Of the kinds those that such a treatment can be."""
    if field.column != "kind":
        return field
    no_kind = NO_KIND_OF.get(modality, frozenset())
    kinds = {key: label for key, label in field.choices.items() if key not in no_kind}
    return replace(field, choices=kinds)


@functools.cache
def measured() -> tuple[Field, ...]:
    """What a lifestyle change is measured by, again and again."""
    return tuple(f for f in _in_order(fields()) if f.table == "measurement")


@functools.cache
def by_column(modality: str) -> dict[str, Field]:
    return {field.column: field for field in fields_of(modality)}


@functools.cache
def tables_of(modality: str) -> tuple[str, ...]:
    """The one-to-one tables that hold its details, beside Intervention's own."""
    rows = ("intervention", "measurement", "lots")
    return tuple(t for t, held in TABLES.items() if modality in held and t not in rows)


def in_words(field: Field, value: object) -> str:
    """'12 mL', 'heparin', 'yes', 'not recorded'; for pages, notes and print."""
    if value in EMPTY:
        return NOT_RECORDED
    if field.type == "yes_no":
        return "yes" if value else "no"
    if field.type in CHOSEN:
        held = value if isinstance(value, list | tuple) else [value]
        return ", ".join(field.choices.get(str(one), str(one)) for one in held)
    return _measured_in_words(field, value)


def levels_in_words(levels: Sequence[str]) -> list[str]:
    """Of an intervention, as they stand in its column."""
    choices = next(f.choices for f in fields() if f.column == "levels")
    return [choices.get(level, level) for level in levels]


def plain(value: object) -> str:
    """A number without the zeros that a column of fixed places adds."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _measured_in_words(field: Field, value: object) -> str:
    if field.type == "amounts" and isinstance(value, list):
        return "; ".join(f"{a['target']} {plain(a['ml'])} mL" for a in value)
    if field.type == "decimals" and isinstance(value, list):
        listed = ", ".join(plain(one) for one in value)
        return f"{listed} {field.unit_words}".strip()
    if isinstance(value, date):
        return clock.in_words(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, int | Decimal):
        return f"{plain(value)} {field.unit_words}".strip()
    return str(value)


def _in_order(rows: tuple[Field, ...]) -> list[Field]:
    places = list(GROUPS)
    return sorted(rows, key=lambda field: places.index(field.group))


def _may_be_of(field: Field, modality: str) -> bool:
    """False where its condition names other modalities only."""
    return all(
        term.holds({"modality": modality})
        for term in field.asked_if.terms
        if term.name == "modality"
    )
