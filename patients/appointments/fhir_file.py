"""The Appointments of a FHIR R4 file, a Bundle or a resource a line.

Loads `fhir.resources`, which takes half a second and 30 MB: for the command only.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fhir.resources.R4B.appointment import Appointment as FhirAppointment
from pydantic import ValidationError

from clinic.models import Clinic
from patients.appointments import fhir
from patients.appointments.draft import Draft
from patients.appointments.importing import Told
from patients.models import ImportedReference
from patients.record.fhir_resources import FhirError
from patients.record.imports import json_entries
from patients.record.imports.fhir import fault
from patients.record.imports.json_entries import Entry
from patients.record.imports.refusals import Problem, RefusedRowError, refuse

_MOST_PROBLEMS = 5


def told(path: Path, clinic: Clinic) -> Iterator[Told]:
    """Other resources are passed over."""
    for entry in json_entries.entries(path):
        if entry.problem or entry.type == "Appointment":
            yield told_entry(entry, clinic)


def told_entry(entry: Entry, clinic: Clinic) -> Told:
    name = f"entry {entry.number}"
    try:
        draft = draft_of(entry, clinic)
        return Told(entry.number, draft.identifier, draft)
    except RefusedRowError as error:
        return Told(entry.number, name, problems=error.problems)


def draft_of(entry: Entry, clinic: Clinic) -> Draft:
    if entry.problem:
        raise refuse("", entry.problem)
    try:
        FhirAppointment.model_validate(entry.resource)
        draft = fhir.from_fhir(entry.resource)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise RefusedRowError(
            fault(entry.type, each) for each in found[:_MOST_PROBLEMS]
        ) from None
    except FhirError as error:
        raise refuse(error.path, f"Appointment.{error}") from error
    mrn = draft.mrn or number_of(fhir.patient_reference(entry.resource), clinic)
    if not mrn:
        path = "participant"
        raise RefusedRowError([Problem(path, "It names no patient whom we know.")])
    return replace(draft, mrn=mrn)


def number_of(reference: str, clinic: Clinic) -> str:
    """The MRN of whom an imported file called so; nothing where it may be two."""
    if not reference:
        return ""
    found = ImportedReference.objects.filter(
        clinic=clinic, reference=reference, patient__isnull=False
    )
    mrns = {*found.values_list("patient__mrn", flat=True)}
    return mrns.pop() if len(mrns) == 1 else ""
