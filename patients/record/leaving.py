"""Withdrawal and death: both end all asking at once, and both can be taken back."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients.models import Patient
from patients.models.patient import validate_lived, validate_past
from patients.record import standing


class WithdrawalReason(models.TextChoices):
    """Why; a code, because the audit trail holds no free text about patients."""

    ASKED = "asked", "the patient asked to stop"
    FAMILY = "family", "the family asked to stop"
    MOVED = "moved", "moved away or changed clinic"
    BURDEN = "burden", "too ill or too busy to answer"
    OTHER = "other", "another reason"


class ReturnReason(models.TextChoices):
    """Why a withdrawal is taken back."""

    CHANGED_MIND = "changed_mind", "the patient wants to be asked again"
    SLIP = "slip", "it was entered by mistake"
    WRONG_PATIENT = "wrong_patient", "it was meant for another patient"


class ReversalReason(models.TextChoices):
    """Why a recorded death is taken back."""

    ALIVE = "alive", "the patient was in touch with us"
    WRONG_REPORT = "wrong_report", "the report was wrong"
    SLIP = "slip", "it was entered by mistake"
    WRONG_PATIENT = "wrong_patient", "it was meant for another patient"


@transaction.atomic
def withdraw(
    patient: Patient, *, by: By, reason: str, withdrawn_on: date | None = None
) -> Patient:
    """The patient is not asked any more; what is planned is cancelled."""
    check_reason(reason, WithdrawalReason)
    _leave(patient, "withdrawn_on", withdrawn_on, by, "patient.withdrew", reason=reason)
    return patient


@transaction.atomic
def take_back_withdrawal(patient: Patient, *, by: By, reason: str) -> Patient:
    """Ask again: what was cancelled for it and is not over yet is planned again."""
    check_reason(reason, ReturnReason)
    _return(patient, "withdrawn_on", by, "patient.withdrawal_taken_back", reason)
    return patient


@transaction.atomic
def record_death(
    patient: Patient, *, by: By, deceased_on: date | None = None
) -> Patient:
    """Stops every message at once; a clinician or an admin confirms it later."""
    _leave(patient, "deceased_on", deceased_on, by, "patient.death_recorded")
    return patient


@transaction.atomic
def confirm_death(patient: Patient, *, by: User) -> Patient:
    """The second look at a death; it stopped everything before."""
    standing.hold_to_change(patient)
    if patient.deceased_on is None:
        raise ValidationError(
            {"deceased_on": "No death is recorded; nothing to confirm."}
        )
    if patient.death_confirmed_by_id is not None:
        raise ValidationError({"deceased_on": "This death is confirmed already."})
    patient.death_confirmed_by = by
    patient.save(update_fields=["death_confirmed_by"])
    audit.record(
        by=by,
        action="patient.death_confirmed",
        about=patient,
        deceased_on=patient.deceased_on.isoformat(),
    )
    return patient


@transaction.atomic
def reverse_death(patient: Patient, *, by: By, reason: str) -> Patient:
    """Take a recorded death back, confirmed or not, and ask again."""
    check_reason(reason, ReversalReason)
    _return(patient, "deceased_on", by, "patient.death_reversed", reason)
    return patient


def check_reason(reason: str, known: type[models.TextChoices]) -> None:
    if reason not in known.values:
        raise ValidationError(
            {"reason": f"Say why: {', '.join(str(label) for label in known.labels)}."}
        )


def _leave(
    patient: Patient, field: str, day: date | None, by: By, action: str, **facts: Any
) -> None:
    standing.hold_to_change(patient)
    held = getattr(patient, field)
    if held is not None:
        raise ValidationError(
            {field: f"This is recorded already, for {clock.in_words(held)}."}
        )
    today = clock.today(patient.time_zone)
    on = day or today
    # Only the day is looked at: what else may be wrong must not hold it up.
    validate_past(field, on, today)
    validate_lived(field, on, patient)
    setattr(patient, field, on)
    patient.save(update_fields=[field])
    consequences.apply("patient.updated", patient, by=by, changed=[field])
    audit.record(by=by, action=action, about=patient, on=on.isoformat(), **facts)


def _return(patient: Patient, field: str, by: By, action: str, reason: str) -> None:
    standing.hold_to_change(patient)
    before = getattr(patient, field)
    if before is None:
        raise ValidationError({field: "This is not recorded; nothing to take back."})
    setattr(patient, field, None)
    changed = [field]
    if field == "deceased_on":
        patient.death_confirmed_by = None
        changed.append("death_confirmed_by")
    patient.save(update_fields=changed)
    consequences.apply("patient.returned", patient, by=by)
    audit.record(
        by=by, action=action, about=patient, reason=reason, before=before.isoformat()
    )
