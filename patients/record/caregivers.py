"""Who looks after a patient, answers for them, or decides for them under age."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from clinic.audit import By
from patients.models import Caregiver, Patient
from patients.record import standing

GUARDIAN_NEEDED = (
    "Under 18 a guardian is needed: give a name and a phone number or e-mail address."
)


@transaction.atomic
def add(patient: Patient, *, by: By, **fields: Any) -> Caregiver:
    """Raises ValidationError naming the field."""
    standing.hold_to_change(patient)
    caregiver = Caregiver(clinic_id=patient.clinic_id, patient=patient, **fields)
    caregiver.full_clean()
    caregiver.save()
    audit.record(
        by=by,
        action="caregiver.added",
        about=caregiver,
        relationship=caregiver.relationship,
        is_guardian=caregiver.is_guardian,
        may_answer=caregiver.may_answer_since is not None,
    )
    return caregiver


@transaction.atomic
def change(caregiver: Caregiver, *, by: By, **changes: Any) -> Caregiver:
    """Change what is named; `ended_on` ends it, and the row stays."""
    patient = caregiver.patient
    standing.hold_to_change(patient)
    caregiver.refresh_from_db()
    # Read again with the row, and not locked.
    caregiver.patient = patient
    changed = [name for name in changes if getattr(caregiver, name) != changes[name]]
    for name in changed:
        setattr(caregiver, name, changes[name])
    caregiver.full_clean()
    caregiver.save(update_fields=changed)
    check_guarded(patient, "ended_on" if "ended_on" in changed else "is_guardian")
    audit.record(by=by, action="caregiver.changed", about=caregiver, changed=changed)
    return caregiver


def check_guarded(patient: Patient, field: str) -> None:
    """Raises ValidationError on the field where a minor would be without a guardian."""
    if patient.is_minor and not has_guardian(patient):
        raise ValidationError({field: f"{GUARDIAN_NEEDED} Add the other one first."})


def has_guardian(patient: Patient) -> bool:
    return patient.caregivers.filter(is_guardian=True, ended_on=None).exists()


def at_registration(
    patient: Patient, fields: Mapping[str, Any] | None, *, by: By
) -> Caregiver | None:
    """Who comes with a new patient; under age that is the guardian, and is needed."""
    if not (fields and str(fields.get("name", "")).strip()):
        if patient.is_minor:
            raise ValidationError({"caregiver": GUARDIAN_NEEDED})
        return None
    is_guardian = bool(fields.get("is_guardian")) or patient.is_minor
    try:
        return add(patient, by=by, **{**fields, "is_guardian": is_guardian})
    except ValidationError as error:
        said = [
            f"{name.replace('_', ' ').capitalize()}: {message}"
            for name, messages in error.message_dict.items()
            for message in messages
        ]
        raise ValidationError({"caregiver": said}) from error
