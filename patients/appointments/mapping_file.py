"""Reads a mapping from TOML; ReferenceDataError names the key and what to do."""

from dataclasses import replace
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from patients.appointments.fields import CHOICES, FIELDS
from patients.appointments.mapping import Mapping
from patients.appointments.times import DAY_FORMATS
from patients.record.imports import mapping_file

MOST_OF_SOURCE = 40
CHOICE_VALUES = {key: [value for value, _ in FIELDS[key].values] for key in CHOICES}


def read(path: Path, guess: Mapping) -> Mapping:
    """What the file says; where it says nothing of a thing, the guess stands."""
    file = reference_data.read_toml(path)
    table = file.optional_table("words")
    found = replace(
        guess,
        columns=(
            mapping_file.columns(file, FIELDS, "an appointment")
            if file.has("columns")
            else guess.columns
        ),
        words={**guess.words, **mapping_file.words(table, CHOICE_VALUES)},
    )
    if file.has("day_format"):
        found = replace(found, day_format=file.choice("day_format", DAY_FORMATS))
    if file.has("source"):
        found = replace(found, source=source(file))
    file.finish()
    return found


def source(file: Entry) -> str:
    found = file.text("source")
    if len(found) > MOST_OF_SOURCE:
        raise file.error("source", f"may have {MOST_OF_SOURCE} characters.")
    return found
