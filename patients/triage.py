"""From what hurts to what it is called: complaint, suspected source, diagnosis."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import User
from patients import catalogue, icd10
from patients.models import Complaint, Diagnosis, Patient, Side, SourceHypothesis

By = User | audit.Actor


@transaction.atomic
def open_complaint(
    patient: Patient,
    *,
    by: By,
    pain_site: str,
    side: str = Side.NONE,
    suspected_source: str = "",
    opened_on: date | None = None,
    **details: Any,
) -> Complaint:
    """Where it hurts; and, as a separate fact, where it may come from."""
    validate_site(pain_site, side)
    complaint = Complaint(
        clinic_id=patient.clinic_id,
        patient=patient,
        pain_site=pain_site,
        side=side,
        opened_on=opened_on or clock.today(patient.time_zone),
        **details,
    )
    complaint.full_clean()
    complaint.save()
    audit.record(
        by=by,
        action="complaint.opened",
        about=complaint,
        pain_site=pain_site,
        side=side,
    )
    if suspected_source:
        name_source(complaint, by=by, source=suspected_source)
    return complaint


def validate_site(pain_site: str, side: str) -> None:
    site = catalogue.body_sites().get(pain_site)
    if site is None:
        raise ValidationError({"pain_site": f"{pain_site!r} is not a body site."})
    if site.has_side and side not in (Side.LEFT, Side.RIGHT):
        raise ValidationError(
            {"side": "Say left or right; pain on both sides makes two complaints."}
        )
    if not site.has_side and side != Side.NONE:
        raise ValidationError({"side": f"The {site.phrase_en} has no side."})


@transaction.atomic
def name_source(
    complaint: Complaint,
    *,
    by: By,
    source: str,
    certainty: str = SourceHypothesis.Certainty.SUSPECTED,
) -> SourceHypothesis:
    """Add to the ledger; an earlier entry for the same source is superseded, kept."""
    known = catalogue.pain_sources().get(source)
    if known is None:
        raise ValidationError({"source": f"{source!r} is not a pain source."})
    today = clock.today(complaint.patient.time_zone)
    lock(complaint)
    earlier = complaint.hypotheses.filter(source=source, superseded_on=None)
    before = list(earlier.values_list("certainty", flat=True))
    earlier.update(superseded_on=today)
    hypothesis = SourceHypothesis(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        source=source,
        side=complaint.side if known.has_side else Side.NONE,
        certainty=certainty,
        stated_on=today,
        stated_by=by if isinstance(by, User) else None,
    )
    hypothesis.full_clean(exclude=["stated_by", "superseded_on"])
    hypothesis.save()
    audit.record(
        by=by,
        action="source.named",
        about=hypothesis,
        source=source,
        before=before,
        certainty=certainty,
    )
    return hypothesis


def lock(complaint: Complaint) -> None:
    """Reads it afresh; one writer at a time, so that this still holds when saved.

    SQLite has one writer anyway.
    """
    stored = Complaint.objects.select_for_update(of=("self",), no_key=True)
    complaint.refresh_from_db(from_queryset=stored.select_related("patient__clinic"))


@transaction.atomic
def diagnose(
    complaint: Complaint,
    *,
    by: By,
    code: str,
    role: str = Diagnosis.Role.SOURCE,
    certainty: str = Diagnosis.Certainty.PROVISIONAL,
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
    lock(complaint)
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
    lock(diagnosis.complaint)
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
