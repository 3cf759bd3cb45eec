"""What a program decides of a file: the choices of the page, by their names.

What it leaves out stands as it was guessed. ValidationError names each fault.
"""

from collections.abc import Mapping as ReadOnly
from typing import Any

from django.core.exceptions import ValidationError

from patients.models import PatientImport
from patients.record.imports import runs
from patients.record.imports.fields import FIELDS, Kind
from patients.record.imports.mapping import MOST_WORDS, Mapping, meaning, word
from patients.record.imports.refusals import shown

OF_LISTS, OF_FHIR = ("columns", "day_format", "words"), ("mrn_system",)
Faults = dict[str, list[str]]


def chosen(run: PatientImport, asked: ReadOnly[str, Any]) -> Mapping:
    if run.kind == PatientImport.Kind.FHIR:
        refuse(faults_of_fhir(run, asked))
        return Mapping.from_json({**run.mapping, **asked})
    refuse(faults_of_list(run, asked))
    decided = {
        key: {word(text): value for text, value in words.items()}
        for key, words in asked.get("words", {}).items()
    }
    held = Mapping.from_json({**run.mapping, **asked, "words": run.mapping["words"]})
    words = meanings(run, held)
    for key, known in decided.items():
        words[key] = {**words.get(key, {}), **known}
    return Mapping.from_json({**held.as_json(), "words": words})


def refuse(faults: Faults) -> None:
    if faults:
        raise ValidationError(faults)


def meanings(run: PatientImport, held: Mapping) -> dict[str, dict[str, str]]:
    """Each word of a column of choices with what it means, as the page offers it."""
    return {
        key: {each: meaning(held, FIELDS[key], each, words) for each in words}
        for key, words in runs.words(run, held).items()
        if len(words) <= MOST_WORDS
    }


def faults_of_fhir(run: PatientImport, asked: ReadOnly[str, Any]) -> Faults:
    faults = misplaced(asked, OF_LISTS, "Only a CSV list is asked this.")
    system = asked.get("mrn_system")
    if system and system not in run.contents["systems"]:
        known = ", ".join(filter(None, run.contents["systems"])) or "none"
        faults["mrn_system"] = [
            f"No patient of the file has this system; its systems: {known}."
        ]
    return faults


def faults_of_list(run: PatientImport, asked: ReadOnly[str, Any]) -> Faults:
    return {
        **misplaced(asked, OF_FHIR, "Only a FHIR file is asked this."),
        **faults_of_columns(asked.get("columns", {}), run.contents["header"]),
        **faults_of_words(asked.get("words", {})),
    }


def misplaced(
    asked: ReadOnly[str, Any], names: tuple[str, ...], problem: str
) -> Faults:
    return {name: [problem] for name in names if name in asked}


def faults_of_columns(columns: ReadOnly[str, str], header: list[str]) -> Faults:
    faults: Faults = {}
    taken: dict[str, str] = {}
    for key, column in columns.items():
        if key not in FIELDS:
            known = ", ".join(FIELDS)
            faults[key] = [f"There is no such field of a patient; known are {known}."]
        elif column not in header:
            faults[key] = [
                f"The list has no column {shown(column)}; it has {', '.join(header)}."
            ]
        elif column in taken:
            other = FIELDS[taken[column]].label
            faults[key] = [f"{shown(column)} is the {other} already."]
        taken.setdefault(column, key)
    return faults


def faults_of_words(asked: ReadOnly[str, ReadOnly[str, str]]) -> Faults:
    faults: Faults = {}
    for key, words in asked.items():
        known = FIELDS.get(key)
        if known is None or known.kind not in (Kind.CHOICE, Kind.YES_NO):
            faults[key] = ["This is no field of choices."]
            continue
        values = [value for value, _ in known.values]
        unknown = [value for value in words.values() if value and value not in values]
        if unknown:
            faults[key] = [f"{shown(unknown[0])} is none of {', '.join(values)}."]
    return faults
