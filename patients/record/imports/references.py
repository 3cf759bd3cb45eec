"""What FHIR files call patients, and who that is here."""

from collections.abc import Callable, Iterable
from typing import Protocol

from django.db.models import Exists, OuterRef

from clinic.models import Clinic
from patients.models import ImportedReference, Patient, PatientImport
from patients.models.patient_import import REFERENCE_LENGTH
from patients.record.imports import person
from patients.record.imports.mapping import Given
from patients.record.imports.refusals import RefusedRowError, refuse

WITH_PATIENT = ("patient__clinic", "patient__merged_into__clinic")


class References(Protocol):
    def keep(self, names: Iterable[str], given: Given, patient: Patient | None) -> None:
        """Without a patient where that resource of the file was refused."""

    def find(self, name: str) -> Patient:
        """Raises RefusedRowError where it is nobody, or may be more than one."""

    def with_mrn(self, mrn: str) -> Patient | None: ...


class StoredReferences:
    """In the database: a file is worked off in pieces, and may need an earlier one."""

    def __init__(self, run: PatientImport) -> None:
        self._run = run

    def keep(self, names: Iterable[str], given: Given, patient: Patient | None) -> None:
        ImportedReference.objects.bulk_create(
            [
                ImportedReference(
                    run=self._run,
                    clinic_id=self._run.clinic_id,
                    reference=name,
                    patient=patient,
                )
                for name in names
                if len(name) <= REFERENCE_LENGTH
            ],
            update_conflicts=True,
            unique_fields=["run", "reference"],
            update_fields=["patient"],
        )

    def find(self, name: str) -> Patient:
        here = self._run.references.filter(reference=name).select_related(*WITH_PATIENT)
        for reference in here:
            if reference.patient is None:
                raise was_refused(name)
            return kept(reference.patient)
        return find_earlier(self._run.clinic, name)

    def with_mrn(self, mrn: str) -> Patient | None:
        return person.with_mrn(self._run.clinic, mrn)

    def tidy(self) -> None:
        """Forget what was refused, and what older files said the same of."""
        mine = ImportedReference.objects.filter(run=self._run)
        mine.filter(patient=None).delete()
        same = mine.filter(reference=OuterRef("reference"), patient=OuterRef("patient"))
        ImportedReference.objects.filter(Exists(same)).exclude(run=self._run).delete()


class RehearsedReferences:
    """In memory, for a rehearsal: its patients are undone, and made again if needed."""

    def __init__(self, clinic: Clinic, make: Callable[[Given], Patient]) -> None:
        self._clinic = clinic
        self._make = make
        self._given: dict[str, Given | None] = {}
        self._by_mrn: dict[str, Given] = {}

    def keep(self, names: Iterable[str], given: Given, patient: Patient | None) -> None:
        self._given |= dict.fromkeys(names, given if patient else None)
        if patient and given.get("mrn"):
            self._by_mrn[given["mrn"].casefold()] = given

    def find(self, name: str) -> Patient:
        if name not in self._given:
            return find_earlier(self._clinic, name)
        given = self._given[name]
        if given is None:
            raise was_refused(name)
        return self._make(given)

    def with_mrn(self, mrn: str) -> Patient | None:
        given = self._by_mrn.get(mrn.casefold())
        return self._make(given) if given else person.with_mrn(self._clinic, mrn)


def find_earlier(clinic: Clinic, name: str) -> Patient:
    """In files imported before, where all of them mean one patient."""
    called = ImportedReference.objects.filter(
        clinic=clinic, reference=name, patient__isnull=False
    )
    named = [each.patient for each in called.select_related(*WITH_PATIENT)]
    found = [kept(patient) for patient in named if patient]
    if not found:
        raise refuse(
            "subject",
            f"{name} is no Patient of this file, nor of one imported before. Import "
            "the patients first, or in the same file.",
        )
    if len({patient.pk for patient in found}) > 1:
        raise refuse(
            "subject",
            f"{name} stands for more than one patient in files imported before. "
            "Import patients and conditions in one file.",
        )
    return found[0]


def kept(patient: Patient) -> Patient:
    """The record that counts, where two of one person were merged."""
    return patient.merged_into or patient


def was_refused(name: str) -> RefusedRowError:
    return refuse(
        "subject", f"{name} was refused in this file; its conditions wait for it."
    )
