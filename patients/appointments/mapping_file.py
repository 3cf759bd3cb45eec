"""Reads a mapping from TOML; ReferenceDataError names the key and what to do."""

from dataclasses import replace
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from patients.appointments.fields import CHOICES, FIELDS
from patients.appointments.mapping import Mapping
from patients.appointments.times import DAY_FORMATS
from patients.record.imports.mapping import word


def read(path: Path, guess: Mapping) -> Mapping:
    """What the file says; where it says nothing of a thing, the guess stands."""
    file = reference_data.read_toml(path)
    found = replace(
        guess,
        columns=columns(file) if file.has("columns") else guess.columns,
        words={**guess.words, **words(file.optional_table("words"))},
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


MOST_OF_SOURCE = 40


def columns(file: Entry) -> dict[str, str]:
    entry = file.table("columns")
    found: dict[str, str] = {}
    for key in entry:
        if key not in FIELDS:
            known = ", ".join(FIELDS)
            raise entry.error(key, f"is no field of an appointment; known are {known}.")
        column = entry.text(key)
        if column in found.values():
            raise entry.error(key, f"column {column!r} stands twice; each once.")
        found[key] = column
    return found


def words(entry: Entry) -> dict[str, dict[str, str]]:
    """The words of status and kind, each with the value it means."""
    found: dict[str, dict[str, str]] = {}
    for key in entry:
        if key not in CHOICES:
            raise entry.error(key, f"is no field of choices; {', '.join(CHOICES)} are.")
        table = entry.table(key)
        values = [value for value, _ in FIELDS[key].values]
        found[key] = {word(each): table.choice(each, values) for each in table}
    return found
