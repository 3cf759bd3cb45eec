"""Opening a complaint: where it hurts, on which side, since when."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from patients.catalogue import places
from patients.models import Complaint, Patient, Side
from patients.triage import ledger


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
        ledger.name_source(complaint, by=by, source=suspected_source)
    return complaint


def validate_site(pain_site: str, side: str) -> None:
    site = places.body_sites().get(pain_site)
    if site is None:
        raise ValidationError({"pain_site": f"{pain_site!r} is not a body site."})
    if site.has_side and side not in (Side.LEFT, Side.RIGHT):
        raise ValidationError(
            {"side": "Say left or right; pain on both sides makes two complaints."}
        )
    if not site.has_side and side != Side.NONE:
        raise ValidationError({"side": f"The {site.phrase_en} has no side."})
