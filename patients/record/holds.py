"""A pause in asking, with a reason and an end; nothing is sent meanwhile."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from patients.models import Patient
from patients.record import standing

# Who is not asked for longer than this has rather withdrawn.
LONGEST = timedelta(days=730)


@transaction.atomic
def hold(patient: Patient, *, by: By, hold_until: date, hold_reason: str) -> Patient:
    """Ask nothing up to and including that day; a second hold replaces the first."""
    standing.hold_to_change(patient)
    reason = hold_reason.strip()
    check(patient, hold_until, reason)
    before = patient.hold_until
    patient.hold_until, patient.hold_reason = hold_until, reason
    patient.save(update_fields=["hold_until", "hold_reason"])
    consequences.apply("patient.updated", patient, by=by, changed=["hold_until"])
    audit.record(
        by=by,
        action="patient.held",
        about=patient,
        before=before.isoformat() if before else None,
        after=hold_until.isoformat(),
    )
    return patient


@transaction.atomic
def release_hold(patient: Patient, *, by: By) -> Patient:
    """End the pause now; what became due meanwhile is asked at the next tick."""
    standing.hold_to_change(patient)
    before = patient.hold_until
    if before is None or not patient.is_on_hold:
        raise ValidationError({"hold_until": "This patient is not on hold."})
    patient.hold_until, patient.hold_reason = None, ""
    patient.save(update_fields=["hold_until", "hold_reason"])
    consequences.apply("patient.updated", patient, by=by, changed=["hold_until"])
    audit.record(
        by=by,
        action="patient.hold_released",
        about=patient,
        before=before.isoformat(),
    )
    return patient


def check(patient: Patient, hold_until: date, reason: str) -> None:
    """Raises ValidationError naming the field."""
    today = clock.today(patient.time_zone)
    if not patient.is_in_follow_up:
        left = "has died" if patient.deceased_on else "has withdrawn"
        raise ValidationError(
            {"hold_until": f"The patient {left}; nothing is sent, no hold is needed."}
        )
    if hold_until < today:
        raise ValidationError(
            {
                "hold_until": f"{clock.in_words(hold_until)} has passed; "
                "give the last day of the hold, today or later."
            }
        )
    if hold_until > today + LONGEST:
        raise ValidationError(
            {"hold_until": "A hold lasts two years at most; look at the year."}
        )
    most = Patient._meta.get_field("hold_reason").max_length or 0
    if not 0 < len(reason) <= most:
        raise ValidationError(
            {"hold_reason": f"Say why, in at most {most} characters."}
        )
