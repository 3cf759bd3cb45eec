"""Registering a patient and keeping who they are up to date."""

from datetime import date
from typing import Any

from django.db import transaction

from clinic import audit
from clinic.models import Clinic, User
from patients.models import ContactPoint, Patient, SearchTerm

By = User | audit.Actor


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
    **details: Any,
) -> Patient:
    """A new patient with ways to reach them; an MRN is given where there is none.

    Raises ValidationError naming the field, also for an MRN that is taken.
    """
    patient = Patient(
        clinic=clinic, family_name=family_name, birth_date=birth_date, **details
    )
    patient.mrn = mrn.strip() or free_mrn(clinic)
    patient.full_clean()
    patient.save()
    index_names(patient)
    for system, value in (("email", email), ("phone", phone)):
        set_contact(patient, system, value.strip(), may_contact=may_contact)
    audit.record(by=by, action="patient.registered", about=patient)
    return patient


@transaction.atomic
def update(patient: Patient, *, by: By, **changes: Any) -> Patient:
    """Change fields; `email`, `phone` and `may_contact` change the contact points."""
    contacts = {
        key: changes.pop(key)
        for key in ("email", "phone", "may_contact")
        if key in changes
    }
    changed = [
        name for name, value in changes.items() if getattr(patient, name) != value
    ]
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.full_clean()
    patient.save()
    index_names(patient)
    changed += update_contacts(patient, **contacts)
    audit.record(by=by, action="patient.updated", about=patient, changed=changed)
    return patient


def update_contacts(
    patient: Patient,
    *,
    email: str | None = None,
    phone: str | None = None,
    may_contact: bool | None = None,
) -> list[str]:
    """Replace the given contacts; returns the names of those that changed."""
    changed = []
    for system, value in (("email", email), ("phone", phone)):
        held = patient.contact_points.filter(system=system).first()
        allowed = (
            may_contact if may_contact is not None else bool(held and held.may_contact)
        )
        wanted = value.strip() if value is not None else (held.value if held else "")
        if (held.value, held.may_contact) != (wanted, allowed) if held else wanted:
            set_contact(patient, system, wanted, may_contact=allowed)
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
    contact.full_clean()
    contact.save()
    return contact


def index_names(patient: Patient) -> None:
    SearchTerm.objects.filter(patient=patient).delete()
    SearchTerm.objects.bulk_create(search_rows(patient))


def search_rows(patient: Patient) -> list[SearchTerm]:
    return [
        SearchTerm(patient=patient, clinic_id=patient.clinic_id, term=term)
        for term in sorted(patient.search_terms)
    ]


def free_mrn(clinic: Clinic) -> str:
    """The next number after those that this clinic gave out itself."""
    given = (
        Patient.objects.filter(clinic=clinic, mrn__regex=r"^M\d{6}$")
        .order_by("-mrn")
        .values_list("mrn", flat=True)
        .first()
    )
    return f"M{int(given[1:]) + 1 if given else 100001:06d}"
