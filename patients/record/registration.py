"""Registering a patient and keeping who they are up to date."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from clinic import audit, consequences
from clinic.audit import By
from clinic.models import Clinic
from patients.appointments import matching
from patients.models import Patient
from patients.record import (
    care_team,
    caregivers,
    consents,
    contacts,
    duplicates,
    search_index,
    standing,
)

FIRST_MRN = "M100001"
LAST_MRN = "M999999"
GIVEN_MRN = re.compile(r"m\d{6}")
# An audit event says that it changed, and not where somebody lives.
NOT_QUOTED = ("postal_address",)
# Taking one back has an act of its own, which asks why.
NEVER_EMPTIED = ("withdrawn_on", "deceased_on")


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
    caregiver: Mapping[str, Any] | None = None,
    referrer: Mapping[str, Any] | None = None,
    primary_care: Mapping[str, Any] | None = None,
    is_confirmed: bool = True,
    may_share_contacts: bool = True,
    **details: Any,
) -> Patient:
    """A new patient with ways to reach them; an MRN is given where there is none.

    Under 18 the `caregiver` is the guardian. Raises ValidationError naming the field,
    also for an MRN that is taken, and LikelyDuplicateError unless it `is_confirmed`
    that this is somebody new; for a shared address or number only where told to.
    """
    patient = Patient(
        clinic=clinic, family_name=family_name, birth_date=birth_date, **details
    )
    lock(clinic)
    if not is_confirmed:
        shared = {} if may_share_contacts else {"email": email, "phone": phone}
        duplicates.check_is_new(patient, **shared)
    patient.mrn = mrn.strip() or free_mrn(clinic)
    check(patient)
    save(patient)
    caregivers.at_registration(patient, caregiver, by=by)
    clinicians = {"referrer": referrer, "primary_care": primary_care}
    care_team.update(patient, {name: who for name, who in clinicians.items() if who})
    contacts.update(patient, {"email": email, "phone": phone})
    consents.set_may_contact(patient, may_contact, by=by)
    consents.mirror(patient)
    search_index.refresh(patient)
    matching.adopt(patient)
    audit.record(by=by, action="patient.registered", about=patient)
    return patient


@transaction.atomic
def update(patient: Patient, *, by: By, **changes: Any) -> Patient:
    """Change fields; names of contacts, clinicians and the consent change those rows.

    What is not named here stays as it is stored, whatever `patient` holds.
    """
    beside = {key: changes.pop(key) for key in BESIDE if key in changes}
    standing.hold_to_change(patient)
    before = facts(patient, changes)
    check_not_emptied(patient, changes)
    for name, value in changes.items():
        setattr(patient, name, value)
    check(patient)
    after = facts(patient, changes)
    changed = [name for name in changes if before[name] != after[name]]
    if "birth_date" in changed:
        caregivers.check_guarded(patient, "birth_date")
    if "mrn" in changed:
        matching.adopt(patient)
    if "deceased_on" in changed:
        # Another day is another report, and looked at once more.
        patient.death_confirmed_by = None
    also = ["death_confirmed_by"] if "deceased_on" in changed else []
    save(patient, [*changed, *also])
    changed += update_beside(patient, beside, by=by)
    search_index.refresh(patient)
    consequences.apply("patient.updated", patient, by=by, changed=changed)
    quoted = [name for name in changed if name not in NOT_QUOTED]
    audit.record(
        by=by,
        action="patient.updated",
        about=patient,
        changed=changed,
        before={name: before[name] for name in quoted if name in before},
        after={name: after[name] for name in quoted if name in after},
    )
    return patient


BESIDE = ("email", "phone", "may_contact", *care_team.ROLES)


def update_beside(patient: Patient, wanted: Mapping[str, Any], *, by: By) -> list[str]:
    """What is kept in rows of its own; returns what changed."""
    addresses = {str(name): wanted[name] for name in contacts.SYSTEMS if name in wanted}
    changed = contacts.update(patient, addresses)
    clinicians = {name: wanted[name] for name in care_team.ROLES if name in wanted}
    changed += care_team.update(patient, clinicians)
    if wanted.get("may_contact") is not None:
        held = set(consents.in_force(patient))
        consents.set_may_contact(patient, wanted["may_contact"], by=by)
        if set(consents.in_force(patient)) != held:
            changed.append("may_contact")
    consents.mirror(patient)
    return changed


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
    patient.full_clean(
        exclude={"clinic"}, validate_unique=False, validate_constraints=False
    )
    taken = Patient.objects.filter(clinic=patient.clinic_id).with_mrn(patient.mrn)
    if taken.exclude(pk=patient.pk).exists():
        raise mrn_is_taken(patient)


def check_not_emptied(patient: Patient, changes: Mapping[str, Any]) -> None:
    for name in NEVER_EMPTIED:
        if name in changes and changes[name] is None and getattr(patient, name):
            raise ValidationError(
                {name: "This is taken back by an act of its own, which asks why."}
            )


def save(patient: Patient, changed: list[str] | None = None) -> None:
    """Of a patient who is here already only what changed is stored."""
    try:
        with transaction.atomic():
            patient.save(update_fields=changed)
    except IntegrityError as error:
        # Somebody else took the number between the look and the save.
        if "mrn" not in str(error):
            raise
        raise mrn_is_taken(patient) from error


def mrn_is_taken(patient: Patient) -> ValidationError:
    return ValidationError(
        {"mrn": f"MRN {patient.mrn} belongs to another patient of this clinic."}
    )


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
