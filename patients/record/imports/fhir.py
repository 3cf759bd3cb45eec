"""A FHIR R4 file as a source of persons and diagnoses.

Loads `fhir.resources`, which takes half a second and 30 MB: for the worker and the
command only. What the web shows of a file comes from `fhir_glance`.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.patient import Patient as FhirPatient
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from clinic import clock
from clinic.models import Clinic
from patients.models import Patient
from patients.record import fhir_resources
from patients.record.fhir_resources import FhirError
from patients.record.imports import conditions, json_entries, person
from patients.record.imports.json_entries import Entry
from patients.record.imports.lists import Seen
from patients.record.imports.mapping import REFUSE, Given, Mapping
from patients.record.imports.references import References
from patients.record.imports.refusals import (
    Problem,
    RefusedRowError,
    refuse,
    shown,
)
from patients.record.imports.steps import DIAGNOSES, PATIENTS, PassedOver, Step

MODELS: dict[str, Any] = {"Patient": FhirPatient, "Condition": Condition}
# What pydantic says, in words for somebody who does not know it.
_WORDS = {
    "extra_forbidden": "is not known in R4 (it may be of R5)",
    "missing": "is missing",
    "list_type": "must be a list",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be an object",
}
_MOST_PROBLEMS = 5


class FhirSource:
    """Read three times: patients first, so that conditions may stand before them; and
    last the conditions that open no complaint, so that those of others are there.
    """

    def __init__(
        self,
        path: Path,
        mapping: Mapping,
        *,
        clinic: Clinic,
        by: person.By,
        references: References,
    ) -> None:
        self._path = path
        self._mapping = mapping
        self._clinic = clinic
        self._by = by
        self._references = references
        self._seen = Seen()

    def steps(self, skip: int) -> Iterator[Step]:
        place = 0
        readings = (self._first_reading, self._second_reading, self._third_reading)
        for make in readings:
            for entry in json_entries.entries(self._path):
                step = make(entry)
                if place >= skip:
                    yield step
                place += 1

    def _first_reading(self, entry: Entry) -> Step:
        """Patients, and what is nothing at all."""
        if entry.problem:
            return self._step(entry, partial(self._refuse, entry))
        if entry.type != "Patient":
            return self._step(entry, nothing)
        mrn = self._mrn(entry)
        first = self._seen.first(mrn, entry.number)
        return self._step(entry, partial(self._take_patient, entry, first))

    def _second_reading(self, entry: Entry) -> Step:
        """Conditions that name a place, and all that is not read here."""
        if entry.problem or entry.type == "Patient":
            return self._step(entry, nothing)
        if entry.type == "Condition":
            take = partial(self._take_condition, entry)
            return self._step(entry, take if names_a_place(entry) else nothing)
        return self._step(entry, partial(pass_over, entry.type))

    def _third_reading(self, entry: Entry) -> Step:
        """The other conditions."""
        if entry.problem or entry.type != "Condition" or names_a_place(entry):
            return self._step(entry, nothing)
        return self._step(entry, partial(self._take_condition, entry))

    def _step(self, entry: Entry, take: Any) -> Step:
        return Step(
            entry.number,
            take,
            counted_as=DIAGNOSES if entry.type == "Condition" else PATIENTS,
            resource=entry.type[:40],
            cells=(name_of(entry),),
        )

    def _refuse(self, entry: Entry) -> str:
        raise refuse("", entry.problem)

    def _mrn(self, entry: Entry) -> str:
        """Of a resource that nobody has checked yet."""
        try:
            return fhir_resources.mrn(entry.resource, self._mapping.mrn_system)
        except (AttributeError, TypeError):
            return ""

    def _take_patient(self, entry: Entry, first: int) -> str:
        given: Given = {}
        try:
            given = self._given(entry, first)
            taken = person.take(self._clinic, given, by=self._by, mapping=self._mapping)
        except RefusedRowError:
            self._references.keep(names_of(entry), given, None)
            raise
        self._references.keep(names_of(entry), given, taken.patient)
        return taken.outcome

    def _given(self, entry: Entry, first: int) -> Given:
        check(entry)
        try:
            given = fhir_resources.patient_from_fhir(
                entry.resource,
                today=clock.today(self._clinic.zone),
                mrn_system=self._mapping.mrn_system,
            )
        except FhirError as error:
            raise told(entry, error) from error
        self._check_given(given, entry, first)
        return given

    def _check_given(self, given: Given, entry: Entry, first: int) -> None:
        if first != entry.number:
            raise refuse(
                "identifier",
                f"MRN {given.get('mrn', '')} stands in entry {first} already; that one "
                "counts.",
            )
        needed = {"family_name": "name.family", "birth_date": "birthDate"}
        if self._mapping.without_mrn == REFUSE:
            needed["mrn"] = "identifier"
        problems = [
            Problem(path, f"Patient.{path} is missing; every patient needs one.")
            for key, path in needed.items()
            if key not in given
        ]
        if problems:
            raise RefusedRowError(problems)

    def _take_condition(self, entry: Entry) -> str:
        check(entry)
        if fhir_resources.is_entered_in_error(entry.resource):
            raise PassedOver("Condition entered in error")
        try:
            condition = fhir_resources.condition_from_fhir(entry.resource)
        except FhirError as error:
            raise told(entry, error) from error
        patient = self._subject(condition)
        return conditions.take(patient, condition, by=self._by)

    def _subject(self, condition: fhir_resources.Condition) -> Patient:
        """By its reference; without one, by the number that stands in its place."""
        if condition.subject:
            return self._references.find(condition.subject)
        identifier = condition.subject_identifier
        value, system = identifier.get("value"), identifier.get("system")
        chosen = self._mapping.mrn_system
        if value and (not chosen or not system or system == chosen):
            patient = self._references.with_mrn(value)
            if patient is not None:
                return patient
        raise refuse("subject", f"nobody here has the number {shown(str(value))}.")


def nothing() -> None:
    return None


def pass_over(kind: str) -> str:
    raise PassedOver(kind)


def names_a_place(entry: Entry) -> bool:
    """Of a resource that nobody has checked yet."""
    code = fhir_resources.icd_10_cm(entry.resource).get("code", "")
    return conditions.place_of(str(code)) is not None


def names_of(entry: Entry) -> set[str]:
    """All that a reference may call it."""
    own = entry.resource.get("id")
    return {*filter(None, [entry.full_url, f"Patient/{own}" if own else ""])}


def name_of(entry: Entry) -> str:
    own = entry.resource.get("id")
    return f"{entry.type}/{own}" if isinstance(own, str) else entry.full_url


def check(entry: Entry) -> None:
    """Against the R4 model; RefusedRowError with a line for each fault."""
    try:
        MODELS[entry.type].model_validate(entry.resource)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise RefusedRowError(
            fault(entry.type, each) for each in found[:_MOST_PROBLEMS]
        ) from None
    except (RecursionError, TypeError, ValueError) as error:
        raise refuse("", f"{entry.type}: it cannot be read.") from error


def fault(kind: str, error: ErrorDetails) -> Problem:
    path = ".".join(str(part) for part in (kind, *error["loc"]))
    words = _WORDS.get(error["type"])
    if words is None:
        words = " ".join(error["msg"].removeprefix("Value error, ").split())
        words = f"is not right: {words}"
    return Problem(".".join(map(str, error["loc"])), f"{path} {words}.")


def told(entry: Entry, error: FhirError) -> RefusedRowError:
    return refuse(error.path, f"{entry.type}.{error}")
