"""What was recorded, in words: for the page that is read and printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plans.models import Intervention, LifestyleMeasurement, Modality
from plans.procedures import (
    catalogue,
    checks,
    computed,
    details,
    lifestyle,
    recorded,
)
from plans.procedures.catalogue_field import GROUPS, Field
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import classes

# The page says these above and in a table of their own.
SAID_ABOVE = ("performed_on", "performed_by")
FROM_COUNTS = ("platelet_dose", "platelet_recovery", "platelet_purity")


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, cell by cell, as the table's columns stand."""

    on: str
    labelled: list[tuple[str, Field]]


def sections(intervention: Intervention) -> list[Section]:
    values = details.stored(intervention) | computed_of(intervention)
    found: dict[str, list[Line]] = {}
    for field in catalogue.fields_of(intervention.modality):
        value = values.get(field.column)
        if field.column in SAID_ABOVE or value in EMPTY:
            continue
        line = Line(field.label, in_words(field, value), note_of(field, values))
        found.setdefault(GROUPS[field.group], []).append(line)
    return [Section(title, lines) for title, lines in found.items()]


def in_words(field: Field, value: Any) -> str:
    if field.type == "computed" and isinstance(value, Decimal):
        value = round(value, 1)
    return catalogue.in_words(field, value)


def note_of(field: Field, values: Mapping[str, Any]) -> str:
    """What must stand beside a value, so that it is not read for more than it is."""
    is_from_counts = field.is_count or field.column in FROM_COUNTS
    if is_from_counts and values.get("count_source") == "kit_default":
        return "assumed from the kit"
    if field.column == "relief_percent":
        return "cut-offs of 50 % and 80 % are both in use"
    if field.column == "steroid_12m_total":
        return "all agents added up; not judged"
    return ""


def computed_of(intervention: Intervention) -> dict[str, Any]:
    """What follows from it; how that is classed stands on the PRP passport."""
    if intervention.modality == Modality.PRP:
        values = details.stored(intervention)
        return {
            "platelet_dose": classes.platelets_delivered(values),
            "platelet_recovery": classes.recovery(values),
            "platelet_purity": classes.purity(values),
        }
    if intervention.modality == Modality.IMAGE_GUIDED_INJECTION:
        values = details.stored(intervention)
        relief = computed.relief_percent(
            values["pain_before"], values["pain_after_30min"]
        )
        return {
            "relief_percent": relief,
            "steroid_12m_total": computed.steroid_of_a_year(intervention),
        }
    if intervention.modality == Modality.BONE_MARROW_CONCENTRATE:
        values = details.stored(intervention)
        given = checks.total_of(values["injected_ml_by_target"])
        return {"tnc_total": computed.nucleated_cells(values["tnc_per_ml"], given)}
    return {}


def has_response(intervention: Intervention) -> bool:
    """Whether it can be cited as a response: the pain before and after is known."""
    row = details.row_of(intervention, "procedure")
    pains = (getattr(row, name, None) for name in ("pain_before", "pain_after_30min"))
    return all(pain is not None for pain in pains)


def missing(intervention: Intervention) -> dict[str, list[str]]:
    """Labels of what is asked and not recorded, by level, and what is due later."""
    gaps = recorded.completeness_of(intervention)
    found = {
        "required": [field.label for field in gaps.missing_required],
        "recommended": [field.label for field in gaps.missing_recommended],
        "due_later": [each.words for each in gaps.due_later],
    }
    return {level: words for level, words in found.items() if words}


def measured_fields() -> list[Field]:
    """The columns of the table of measurements, with the two that are computed."""
    return [f for f in catalogue.measured() if f.column != "measured_on"]


def measurements(intervention: Intervention) -> tuple[list[Field], list[Row]]:
    """Only the columns in which something stands; oldest first."""
    rows = list(intervention.lifestyle_measurements.all())
    held = [values_of(row, rows, intervention) for row in rows]
    shown = [
        field
        for field in measured_fields()
        if any(values.get(field.column) not in EMPTY for values in held)
    ]
    return shown, [
        Row(
            catalogue.in_words(DAY, row.measured_on),
            [(cell(field, values.get(field.column)), field) for field in shown],
        )
        for row, values in zip(rows, held, strict=True)
    ]


def cell(field: Field, value: Any) -> str:
    """The unit stands in the head of its column; nothing recorded is a blank."""
    if value in EMPTY:
        return ""
    if field.type in ("decimal", "integer", "computed"):
        return catalogue.plain(round(value, 1) if isinstance(value, Decimal) else value)
    return catalogue.in_words(field, value)


def values_of(
    row: LifestyleMeasurement,
    rows: list[LifestyleMeasurement],
    intervention: Intervention,
) -> dict[str, Any]:
    names = [f.column for f in measured_fields() if f.is_stored]
    values = {name: getattr(row, name) for name in names}
    change = details.row_of(intervention, "lifestyle")
    first = lifestyle.first_weight(intervention, rows)
    values["bmi"] = computed.body_mass_index(
        row.weight_kg, getattr(change, "height_cm", None)
    )
    if first is not None and row.measured_on >= first.measured_on:
        values["weight_change_pct"] = computed.change_percent(
            first.weight_kg, row.weight_kg
        )
    return values


DAY = next(field for field in catalogue.measured() if field.column == "measured_on")
