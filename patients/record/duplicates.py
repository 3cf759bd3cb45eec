"""Who somebody about to be registered may be already."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from clinic.models import Clinic
from patients.models import Patient, SearchTerm
from patients.models.searching import words
from patients.record import contacts

SAME_NAME = "same name and birth date"


@dataclass(frozen=True, slots=True)
class Twin:
    """A patient who is here, and what the two have in common."""

    patient: Patient
    reasons: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return ", ".join(self.reasons)


class LikelyDuplicateError(Exception):
    """Somebody with this name and birth date, or these contacts, is here already."""

    def __init__(self, twins: list[Twin]) -> None:
        super().__init__("This may be somebody who is here already.")
        self.twins = twins

    @property
    def patients(self) -> list[Patient]:
        return [twin.patient for twin in self.twins]


def twins_of(patient: Patient, *, email: str = "", phone: str = "") -> list[Twin]:
    """Possible twins of an unsaved patient, those with the most reasons first."""
    named = likely_duplicates(
        patient.clinic,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
    )
    found: dict[UUID, Patient] = {}
    reasons: dict[UUID, list[str]] = defaultdict(list)
    for twin in named:
        found[twin.pk] = twin
        reasons[twin.pk].append(SAME_NAME)
    shared = contacts.sharing_with_new(patient.clinic, email=email, phone=phone)
    for contact in shared:
        found[contact.patient.pk] = contact.patient
        reasons[contact.patient.pk].append(contact.words)
    twins = [Twin(found[pk], said) for pk, said in reasons.items()]
    return sorted(twins, key=lambda twin: -len(twin.reasons))


def check_is_new(patient: Patient, *, email: str = "", phone: str = "") -> None:
    """Raises LikelyDuplicateError with everybody who may be the same person."""
    twins = twins_of(patient, email=email, phone=phone)
    if twins:
        raise LikelyDuplicateError(twins)


def likely_duplicates(
    clinic: Clinic, *, given_name: str, family_name: str, birth_date: date | None
) -> list[Patient]:
    """Namesakes; a merged record leads to the one that is kept."""
    found = namesakes(
        clinic,
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
    )
    return list(dict.fromkeys(record.kept for record in found))


def namesakes(
    clinic: Clinic, *, given_name: str, family_name: str, birth_date: date | None
) -> list[Patient]:
    """Records born that day with the same words in their name, in any order."""
    name = set(words(f"{given_name} {family_name}"))
    born_then = Patient.objects.filter(clinic=clinic, birth_date=birth_date)
    named = SearchTerm.objects.filter(clinic=clinic, term__in=name).values("patient")
    return [
        patient
        for patient in born_then.filter(pk__in=named).select_related("merged_into")
        if set(words(f"{patient.given_name} {patient.family_name}")) == name
    ]
