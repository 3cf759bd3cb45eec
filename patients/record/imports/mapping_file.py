"""Reads a mapping from TOML; ReferenceDataError names the key and what to do."""

import collections.abc
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from patients.record.imports.fields import FIELDS, NO, YES, Kind
from patients.record.imports.mapping import (
    DAY_FORMATS,
    GIVE_NUMBER,
    REFUSE,
    Mapping,
    word,
)


def read(path: Path, guess: Mapping) -> Mapping:
    """What the file says; where it says nothing of a thing, the guess stands."""
    file = reference_data.read_toml(path)
    found = replace(
        guess,
        columns=columns(file) if file.has("columns") else guess.columns,
        words={**guess.words, **words(file.optional_table("words"), _choices())},
    )
    if file.has("day_format"):
        found = replace(found, day_format=file.choice("day_format", DAY_FORMATS))
    if file.has("without_mrn"):
        rules = (REFUSE, GIVE_NUMBER)
        found = replace(found, without_mrn=file.choice("without_mrn", rules))
    if file.has("registers_twins"):
        found = replace(found, registers_twins=file.flag("registers_twins"))
    if file.has("mrn_system"):
        found = replace(found, mrn_system=file.text("mrn_system"))
    file.finish()
    return found


def columns(
    file: Entry, known: Collection[str] = FIELDS, of: str = "a patient"
) -> dict[str, str]:
    """Which column holds which of the known fields; each stands once."""
    entry = file.table("columns")
    found: dict[str, str] = {}
    for key in entry:
        if key not in known:
            raise entry.error(
                key, f"is no field of {of}; known are {', '.join(known)}."
            )
        column = entry.text(key)
        if column in found.values():
            raise entry.error(key, f"column {column!r} stands twice; each once.")
        found[key] = column
    return found


def words(
    entry: Entry, choices: collections.abc.Mapping[str, Sequence[str]]
) -> dict[str, dict[str, str]]:
    """The words of fields of choices, each with the value it means."""
    found: dict[str, dict[str, str]] = {}
    for key in entry:
        if key not in choices:
            raise entry.error(key, f"is no field of choices; {', '.join(choices)} are.")
        table = entry.table(key)
        found[key] = {word(each): table.choice(each, choices[key]) for each in table}
    return found


def _choices() -> dict[str, list[str]]:
    found = {
        key: [value for value, _ in field.values]
        for key, field in FIELDS.items()
        if field.kind == Kind.CHOICE
    }
    yes_no = [key for key, field in FIELDS.items() if field.kind == Kind.YES_NO]
    return found | dict.fromkeys(yes_no, [YES, NO])
