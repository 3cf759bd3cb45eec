"""Registering a patient and keeping who they are up to date."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from clinic import audit, consequences
from clinic.models import Clinic, User
from patients.models import ContactPoint, Patient, SearchTerm
from patients.models.patient import words

By = User | audit.Actor

CONTACT_FIELDS = ("email", "phone", "may_contact")
FIRST_MRN = "M100001"
LAST_MRN = "M999999"
GIVEN_MRN = re.compile(r"m\d{6}")


class LikelyDuplicateError(Exception):
    """Somebody of this name, born that day, is registered already."""

    def __init__(self, patients: list[Patient]) -> None:
        super().__init__("This may be somebody who is here already.")
        self.patients = patients


@transaction.atomic
def register(
    clinic: Clinic,
    *,
    by: By,
    family_name: str,
    birth_date: date,
    mrn: str = "",
    email: str = "",
    phone: str = "",
    may_contact: bool = False,
    is_confirmed: bool = True,
    **details: Any,
) -> Patient:
    """A new patient with ways to reach them; an MRN is given where there is none.

    Raises ValidationError naming the field, also for an MRN that is taken, and
    LikelyDuplicateError unless it `is_confirmed` that this is somebody new.
    """
    patient = Patient(
        clinic=clinic, family_name=family_name, birth_date=birth_date, **details
    )
    lock(clinic)
    if not is_confirmed:
        check_is_new(patient)
    patient.mrn = mrn.strip() or free_mrn(clinic)
    check(patient)
    save(patient)
    update_contacts(patient, email=email, phone=phone, may_contact=may_contact)
    audit.record(by=by, action="patient.registered", about=patient)
    return patient


@transaction.atomic
def update(patient: Patient, *, by: By, **changes: Any) -> Patient:
    """Change fields; `email`, `phone` and `may_contact` change the contact points.

    What is not named here stays as it is stored, whatever `patient` holds.
    """
    contacts = {key: changes.pop(key) for key in CONTACT_FIELDS if key in changes}
    read_for_update(patient)
    before = facts(patient, changes)
    for name, value in changes.items():
        setattr(patient, name, value)
    check(patient)
    after = facts(patient, changes)
    changed = [name for name in changes if before[name] != after[name]]
    save(patient, changed)
    changed += update_contacts(patient, **contacts)
    consequences.apply("patient.updated", patient, by=by, changed=changed)
    audit.record(
        by=by,
        action="patient.updated",
        about=patient,
        changed=changed,
        before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed if name in after},
    )
    return patient


def read_for_update(patient: Patient) -> None:
    """What is stored now, and stays so until the transaction ends.

    SQLite has one writer and needs no lock.
    """
    stored = Patient.objects.select_for_update(of=("self",), no_key=True)
    patient.refresh_from_db(from_queryset=stored.select_related("clinic"))


def facts(patient: Patient, names: Iterable[str]) -> dict[str, str | None]:
    """Fields as an audit event keeps them."""
    values = {name: getattr(patient, name) for name in names}
    return {
        name: None if value is None else str(value) for name, value in values.items()
    }


def check(patient: Patient) -> None:
    """Raises ValidationError naming the field."""
    for name in ("given_name", "family_name", "mrn"):
        setattr(patient, name, getattr(patient, name).strip())
    patient.full_clean(validate_unique=False, validate_constraints=False)
    taken = Patient.objects.filter(clinic=patient.clinic_id).with_mrn(patient.mrn)
    if taken.exclude(pk=patient.pk).exists():
        raise mrn_is_taken(patient)


def save(patient: Patient, changed: list[str] | None = None) -> None:
    """Stored and findable; of a patient who is here already only what changed."""
    try:
        with transaction.atomic():
            patient.save(update_fields=changed)
    except IntegrityError as error:
        # Somebody else took the number between the look and the save.
        if "mrn" not in str(error):
            raise
        raise mrn_is_taken(patient) from error
    index_names(patient)


def mrn_is_taken(patient: Patient) -> ValidationError:
    return ValidationError(
        {"mrn": f"MRN {patient.mrn} belongs to another patient of this clinic."}
    )


def update_contacts(
    patient: Patient,
    *,
    email: str | None = None,
    phone: str | None = None,
    may_contact: bool | None = None,
) -> list[str]:
    """Replace what is given; returns what changed.

    `may_contact` is the consent to be e-mailed. It stays with the person when the
    address changes, and says nothing about the phone.
    """
    held = {contact.system: contact for contact in patient.contact_points.all()}
    changed = []
    for system, wanted in (("email", email), ("phone", phone)):
        known = held.get(system)
        value = known.value if wanted is None and known else (wanted or "").strip()
        allowed = bool(known and known.may_contact)
        if system == ContactPoint.System.EMAIL and may_contact is not None:
            allowed = may_contact
        before = (known.value, known.may_contact) if known else ("", False)
        if (value, bool(value) and allowed) != before:
            set_contact(patient, system, value, may_contact=allowed)
            changed.append(system)
    return changed


def set_contact(
    patient: Patient, system: str, value: str, *, may_contact: bool
) -> ContactPoint | None:
    """The one e-mail address or phone number in use; none where the value is empty."""
    patient.contact_points.filter(system=system).delete()
    if not value:
        return None
    contact = ContactPoint(
        clinic_id=patient.clinic_id,
        patient=patient,
        system=system,
        value=value,
        may_contact=may_contact,
        is_preferred=system == ContactPoint.System.EMAIL,
    )
    try:
        contact.full_clean()
    except ValidationError as error:
        raise ValidationError({system: error.messages}) from error
    contact.save()
    return contact


def index_names(patient: Patient) -> None:
    held = set(
        SearchTerm.objects.filter(patient=patient).values_list("term", flat=True)
    )
    if held == patient.search_terms:
        return
    SearchTerm.objects.filter(patient=patient).delete()
    SearchTerm.objects.bulk_create(search_rows(patient))


def search_rows(patient: Patient) -> list[SearchTerm]:
    return [
        SearchTerm(patient=patient, clinic_id=patient.clinic_id, term=term)
        for term in sorted(patient.search_terms)
    ]


def likely_duplicates(
    clinic: Clinic, *, given_name: str, family_name: str, birth_date: date | None
) -> list[Patient]:
    """Patients born that day with the same words in their name, in any order."""
    name = set(words(f"{given_name} {family_name}"))
    born_then = Patient.objects.filter(clinic=clinic, birth_date=birth_date)
    named = SearchTerm.objects.filter(clinic=clinic, term__in=name).values("patient")
    return [
        patient
        for patient in born_then.filter(pk__in=named)
        if set(words(f"{patient.given_name} {patient.family_name}")) == name
    ]


def check_is_new(patient: Patient) -> None:
    twins = likely_duplicates(
        patient.clinic,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
    )
    if twins:
        raise LikelyDuplicateError(twins)


def lock(clinic: Clinic) -> None:
    """One registration at a time: two at once get two numbers and see each other.

    SQLite has one writer and needs no lock.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def free_mrn(clinic: Clinic) -> str:
    """The next number after those that this clinic gave out itself."""
    given = (
        Patient.objects.annotate(folded=Lower("mrn"))
        .filter(clinic=clinic, folded__range=(FIRST_MRN.lower(), LAST_MRN.lower()))
        .order_by("-folded")
        .values_list("folded", flat=True)
    )
    last = next(filter(GIVEN_MRN.fullmatch, given.iterator(chunk_size=100)), None)
    if last == LAST_MRN.lower():
        raise ValidationError(
            {"mrn": f"The numbers up to {LAST_MRN} are used up; give an MRN."}
        )
    return f"M{int(last[1:]) + 1}" if last else FIRST_MRN
