"""Addresses and numbers of which a provider said for good that nothing arrives."""

from datetime import datetime

from django.db import transaction

from clinic import audit
from clinic.models import Clinic
from outcomes.follow_ups.channels.reach import SYSTEMS
from outcomes.models.messages import Channel
from patients.models import ContactPoint
from patients.models.contact import match_key


@transaction.atomic
def note(
    clinic: Clinic, channel: str, address: str, failure: str, now: datetime
) -> int:
    """Not tried again until it is changed, for nobody of the clinic; returns how many.

    What two patients share fails for both.
    """
    key = match_key(SYSTEMS[Channel(channel)], address, clinic.zone)
    failed = ContactPoint.objects.filter(
        clinic=clinic, system=SYSTEMS[Channel(channel)], match_key=key, failed_at=None
    )
    patients = list(failed.values_list("patient_id", flat=True))
    if patients:
        failed.update(failed_at=now, failure=failure)
        audit.record(
            by=audit.SYSTEM,
            action="contact_point.failed",
            about=clinic,
            patients=patients,
            channel=str(channel),
            failure=failure,
        )
    return len(patients)
