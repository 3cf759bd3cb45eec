"""Treatments that a patient had outside the clinic, as staff report them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients.models import Complaint, Patient
from patients.models.patient import validate_lived, validate_past
from patients.triage import reasons
from plans.course import partial_days
from plans.models import Modality, TreatmentElsewhere

Status = TreatmentElsewhere.Status


@transaction.atomic
def report(
    complaint: Complaint,
    *,
    what: str,
    began_on: date,
    by: By,
    precision: str = TreatmentElsewhere.Precision.DAY,
    modality: str = Modality.OTHER,
    note: str = "",
) -> TreatmentElsewhere:
    """Keep what was done where, as far as anybody knows when."""
    person = complaint.patient.kept
    treatment = TreatmentElsewhere(
        clinic_id=complaint.clinic_id,
        patient_id=complaint.patient_id,
        complaint=complaint,
        what=what.strip(),
        modality=modality,
        precision=precision,
        note=note.strip(),
        reported_by=by if isinstance(by, User) else None,
    )
    treatment.began_on = began_on
    treatment.full_clean(exclude=["clinic", "patient", "complaint", "reported_by"])
    treatment.began_on = partial_days.first_day(began_on, precision)
    validate_past("began_on", treatment.began_on, clock.today(person.time_zone))
    _check_lived(treatment, person)
    treatment.save()
    consequences.apply("treatment_elsewhere.changed", treatment)
    audit.record(
        by=by,
        action="treatment_elsewhere.reported",
        about=treatment,
        what=treatment.what,
        modality=treatment.modality,
        began_on=treatment.began_on.isoformat(),
        precision=treatment.precision,
    )
    return treatment


@transaction.atomic
def take_back(
    treatment: TreatmentElsewhere, *, reason: str, by: By
) -> TreatmentElsewhere:
    """It was reported by mistake: the row stays, and counts for nothing."""
    reason = reasons.typed(reason, "Say why it is taken back.")
    was_standing = TreatmentElsewhere.objects.filter(
        pk=treatment.pk, status=Status.REPORTED
    ).update(status=Status.ENTERED_IN_ERROR, status_reason=reason)
    treatment.refresh_from_db(fields=["status", "status_reason"])
    if not was_standing:
        raise ValidationError("This treatment was taken back already.")
    consequences.apply("treatment_elsewhere.changed", treatment)
    audit.record(
        by=by,
        action="treatment_elsewhere.entered_in_error",
        about=treatment,
        before=Status.REPORTED,
        after=treatment.status,
        reason=treatment.status_reason,
    )
    return treatment


def _check_lived(treatment: TreatmentElsewhere, person: Patient) -> None:
    """In the year of birth is possible where no more than the year is known."""
    born = person.birth_date
    earliest = born and partial_days.first_day(born, treatment.precision)
    if earliest is None or treatment.began_on < earliest:
        validate_lived("began_on", treatment.began_on, person)
