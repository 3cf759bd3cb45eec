"""By which ways a patient may and can be written to, as things stand at this moment."""

from django.db import transaction

from clinic import audit, clock
from outcomes.models.messages import Channel
from patients.models import Consent, ContactPoint, Patient

SYSTEMS = {
    Channel.EMAIL: ContactPoint.System.EMAIL,
    Channel.SMS: ContactPoint.System.PHONE,
}


def address_of(patient: Patient, channel: str) -> str:
    """Where a message by this channel would go; empty where it may not or cannot."""
    return addresses(patient).get(Channel(channel), "")


def addresses(patient: Patient) -> dict[Channel, str]:
    """Of each channel that is open; the preferred one first.

    A contact that a provider refused for good is not tried again until it is changed.
    Of two e-mail addresses or phones the newer one counts; the outbox asks the same in
    one statement with all else (outbox.checking). One query where the contacts came
    with the patient, or none.
    """
    found = {
        channel: contact.value
        for contact in sorted(patient.contact_points.all(), key=lambda one: one.pk)
        if contact.may_contact and contact.failed_at is None
        for channel, system in SYSTEMS.items()
        if contact.system == system
    }
    if not patient.clinic.sms_sender:
        found.pop(Channel.SMS, None)
    if patient.preferred_channel == Patient.Channel.LETTER and _takes_letters(patient):
        found[Channel.LETTER] = patient.postal_address
    preferred = patient.preferred_channel
    order = sorted(found, key=lambda one: (one != preferred, list(Channel).index(one)))
    return {channel: found[channel] for channel in order}


def _takes_letters(patient: Patient) -> bool:
    agreed = patient.consents.filter(scope=Consent.Scope.LETTER, withdrawn_on=None)
    return bool(patient.postal_address) and agreed.exists()


@transaction.atomic
def give_up_on(patient: Patient, channel: str, address: str, why: str) -> None:
    """A provider said for good that nothing arrives there; `why` is a code."""
    found = ContactPoint.objects.filter(
        patient=patient,
        system=SYSTEMS[Channel(channel)],
        value=address,
        failed_at=None,
    )
    if found.update(failed_at=clock.now(), failure=why):
        audit.record(
            by=audit.SYSTEM,
            action="contact.failed",
            about=patient,
            channel=str(channel),
            reason=why,
        )
