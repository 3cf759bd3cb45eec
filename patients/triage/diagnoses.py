"""What the pain is called: ICD-10-CM codes on a complaint."""

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import User
from patients import rows
from patients.catalogue import icd10
from patients.models import Complaint, Diagnosis

By = User | audit.Actor


@transaction.atomic
def diagnose(
    complaint: Complaint,
    *,
    by: By,
    code: str,
    role: str = Diagnosis.Role.SOURCE,
    certainty: str = Diagnosis.Certainty.SUSPECTED,
) -> Diagnosis:
    """An ICD-10-CM code from the shipped list, its wording pinned to the row."""
    known = icd10.lookup(code)
    if known is None:
        raise ValidationError(
            {"code": f"{code!r} is not in our list; search by words or code."}
        )
    if not known.is_billable:
        raise ValidationError(
            {"code": f"{known.code} is only a heading; choose a code below it."}
        )
    rows.lock_complaint(complaint)
    if complaint.diagnoses.filter(code=known.code, status="active").exists():
        raise ValidationError({"code": f"{known.code} is already on this complaint."})
    diagnosis = Diagnosis(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        code=known.code,
        title=known.title,
        release=known.release,
        role=role,
        certainty=certainty,
        recorded_on=clock.today(complaint.patient.time_zone),
        recorded_by=by if isinstance(by, User) else None,
    )
    diagnosis.full_clean(exclude=["recorded_by"])
    diagnosis.save()
    audit.record(
        by=by,
        action="diagnosis.recorded",
        about=diagnosis,
        code=known.code,
        role=role,
        certainty=certainty,
    )
    return diagnosis


@transaction.atomic
def revise_diagnosis(diagnosis: Diagnosis, *, by: By, certainty: str) -> Diagnosis:
    """Confirm or refute what was recorded; the audit keeps what it was before."""
    rows.lock_complaint(diagnosis.complaint)
    diagnosis.refresh_from_db(fields=["certainty", "status"])
    if diagnosis.status != Diagnosis.Status.ACTIVE:
        raise ValidationError("This diagnosis was entered in error.")
    before, diagnosis.certainty = diagnosis.certainty, certainty
    diagnosis.full_clean(exclude=["recorded_by"])
    diagnosis.save(update_fields=["certainty"])
    audit.record(
        by=by,
        action="diagnosis.revised",
        about=diagnosis,
        code=diagnosis.code,
        before=before,
        after=certainty,
    )
    return diagnosis
