"""What a program decides of a schedule; ValidationError names each fault."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from patients.appointments.fields import CHOICES, FIELDS
from patients.appointments.mapping import Mapping
from patients.record.imports.mapping import word


def chosen(asked: ReadOnly[str, Any], guess: Mapping, header: Sequence[str]) -> Mapping:
    faults = {
        "columns": column_faults(asked.get("columns", {}), header),
        "words": word_faults(asked.get("words", {})),
    }
    found = {key: said for key, said in faults.items() if said}
    if found:
        raise ValidationError(found)
    mapping = replace(
        guess,
        columns=asked.get("columns") or guess.columns,
        day_format=asked.get("day_format", guess.day_format),
        source=asked.get("source", guess.source),
        words={**guess.words, **folded(asked.get("words", {}))},
    )
    lacking = [f"Name the column of the {one.label}." for one in mapping.missing()]
    if lacking:
        raise ValidationError({"columns": lacking})
    return mapping


def column_faults(columns: Any, header: Sequence[str]) -> list[str]:
    if not isinstance(columns, dict):
        return ['It must be an object such as {"mrn": "Chart no"}.']
    unknown = [key for key in columns if key not in FIELDS]
    absent = [str(name) for name in columns.values() if name not in header]
    return [
        f"{key} is no field of an appointment; known are {', '.join(FIELDS)}."
        for key in unknown
    ] + [f"The list has no column {name!r}." for name in absent]


def word_faults(words: Any) -> list[str]:
    shape = 'It must be an object such as {"status": {"xp": "cancelled"}}.'
    if not isinstance(words, dict):
        return [shape]
    if not all(isinstance(meant, dict) for meant in words.values()):
        return [shape]
    unknown = [key for key in words if key not in CHOICES]
    if unknown:
        return [f"{key} is no field of choices." for key in unknown]
    return [
        f"{value!r} is none of ours for {key}."
        for key, meant in words.items()
        for value in meant.values()
        if value not in dict(FIELDS[key].values)
    ]


def folded(words: ReadOnly[str, ReadOnly[str, str]]) -> dict[str, dict[str, str]]:
    return {
        key: {word(each): value for each, value in meant.items()}
        for key, meant in words.items()
    }
