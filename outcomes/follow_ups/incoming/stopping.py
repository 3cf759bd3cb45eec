"""A patient who wants no more messages by a channel, or wants them again.

The consent is what is given and taken: `ContactPoint.may_contact` follows it.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock
from clinic.models import AuditSubject, Clinic
from outcomes.follow_ups import outbox, staff_tasks
from outcomes.follow_ups.channels.reach import SYSTEMS
from outcomes.follow_ups.engine import calling
from outcomes.models import FollowUp, StaffTask
from outcomes.models.messages import Channel
from patients.catalogue import consents as wordings
from patients.models import Consent, ContactPoint, Patient
from patients.models.contact import match_key
from patients.record import consents

SCOPES = {
    Channel.EMAIL: Consent.Scope.EMAIL,
    Channel.SMS: Consent.Scope.SMS,
    Channel.LETTER: Consent.Scope.LETTER,
}
# By this a consent that a reply took away is told from one that staff took away.
STOPPED = "consent.stopped_by_patient"
WHY = "the patient stopped these messages"


def people_at(clinic: Clinic, channel: str, address: str) -> list[Patient]:
    """Every patient of the clinic with this number or address, as records are read."""
    system = SYSTEMS[Channel(channel)]
    found = (
        ContactPoint.objects.filter(
            clinic=clinic,
            system=system,
            match_key=match_key(system, address, clinic.zone),
        )
        .select_related("patient__clinic", "patient__merged_into__clinic")
        .order_by("pk")
    )
    return list(
        {contact.patient.kept_id: contact.patient.kept for contact in found}.values()
    )


def stop_address(clinic: Clinic, channel: str, address: str, *, how: str) -> int:
    return stop(people_at(clinic, channel, address), channel, how=how)


@transaction.atomic
def stop(patients: Iterable[Patient], channel: str, *, how: str) -> int:
    """Withdraw the consent of each, at once; returns of how many it stood."""
    # Always in one order, so that two who stop at once do not wait for each other.
    return sum(_stop(one, Channel(channel), how) for one in _in_order(patients))


def _stop(patient: Patient, channel: Channel, how: str) -> bool:
    try:
        with transaction.atomic():
            consent = consents.withdraw(
                patient, by=audit.PATIENT, scope=SCOPES[channel]
            )
    except ValidationError:
        # Nothing to withdraw; what waits is taken back all the same.
        consent = None
    if consent is not None:
        audit.record(
            by=audit.PATIENT,
            action=STOPPED,
            about=consent,
            patients=[patient.pk, consent.patient_id],
            channel=str(channel),
            how=how,
        )
        _have_asked(patient)
    outbox.withdraw(patient.record_ids, channel, WHY)
    return consent is not None


def _have_asked(patient: Patient) -> None:
    """Whether all is well is then asked by a person, today; on whatever way is open."""
    today, kind = clock.today(patient.time_zone), calling.kind_for(patient)
    is_due = Q(state=FollowUp.State.PLANNED, due_on__lte=today)
    checks = FollowUp.objects.filter(
        Q(state__in=FollowUp.ASKED) | is_due,
        patient__in=patient.record_ids,
        is_safety=True,
        closes_on__gte=today,
    )
    for row in checks:
        staff_tasks.open_one(
            row,
            kind=kind,
            reason=StaffTask.Reason.STOPPED,
            due_on=today,
            rung=staff_tasks.STOPPED,
        )


@transaction.atomic
def start(patients: Iterable[Patient], channel: str) -> int:
    """Give back what a reply by the same channel had taken; returns to how many."""
    return sum(_start(one, SCOPES[Channel(channel)]) for one in _in_order(patients))


def _start(patient: Patient, scope: Consent.Scope) -> bool:
    given = Consent.objects.filter(patient=patient, scope=scope)
    if given.filter(withdrawn_on=None).exists():
        return False
    last = given.order_by("-withdrawal_recorded_at", "-pk").first()
    if last is None or not _was_stopped_by_patient(last):
        return False
    known = last.wording_version in wordings.versions()
    try:
        with transaction.atomic():
            consents.give(
                patient,
                by=audit.PATIENT,
                scope=scope,
                given_by=last.given_by,
                wording_version=last.wording_version if known else "",
            )
    except ValidationError:
        # Somebody has died, or is a child whose guardian is not entered any more.
        return False
    return True


def _was_stopped_by_patient(consent: Consent) -> bool:
    """And so not by staff, whose word a reply does not undo."""
    return AuditSubject.objects.filter(
        patient_id=consent.patient_id,
        event__action=STOPPED,
        event__about_id=str(consent.pk),
    ).exists()


def _in_order(patients: Iterable[Patient]) -> list[Patient]:
    return sorted(patients, key=lambda patient: patient.pk)
