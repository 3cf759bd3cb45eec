"""The clinicians outside: who sent the patient, and who looks after them otherwise."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from patients.models import OutsideClinician, Patient

ROLES = {
    "referrer": OutsideClinician.Role.REFERRER,
    "primary_care": OutsideClinician.Role.PRIMARY_CARE,
}
FIELDS = ("name", "practice", "address", "phone")
Wanted = Mapping[str, Mapping[str, Any] | None]


def update(patient: Patient, wanted: Wanted) -> list[str]:
    """Replace who is named; nobody where there is no name. Returns what changed."""
    return [name for name, fields in wanted.items() if _set(patient, name, fields)]


def of(patient: Patient) -> dict[str, OutsideClinician]:
    """By the names above; uses a prefetch."""
    names = {str(role): name for name, role in ROLES.items()}
    return {names[held.role]: held for held in patient.outside_clinicians.all()}


def _set(patient: Patient, name: str, fields: Mapping[str, Any] | None) -> bool:
    given = {field: str((fields or {}).get(field, "")).strip() for field in FIELDS}
    rows = patient.outside_clinicians.filter(role=ROLES[name])
    held = rows.first()
    if not given["name"]:
        if any(given.values()):
            raise ValidationError({name: "Give the name of the clinician."})
        return bool(rows.delete()[0])
    if held and all(getattr(held, field) == given[field] for field in FIELDS):
        return False
    clinician = held or OutsideClinician(
        clinic_id=patient.clinic_id, patient=patient, role=ROLES[name]
    )
    for field, value in given.items():
        setattr(clinician, field, value)
    try:
        clinician.full_clean()
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error
    clinician.save()
    return True
