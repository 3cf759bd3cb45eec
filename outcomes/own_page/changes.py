"""What patients change themselves: by which way they are asked, in which language, and
whether at all. Each change is the verb that staff have for it, by the patient.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from clinic.models import Language
from outcomes.follow_ups.channels import sms
from outcomes.follow_ups.incoming import stopping
from outcomes.models.messages import Channel
from patients.catalogue import consents as wordings
from patients.models import Consent, ContactPoint, Patient
from patients.record import consents, leaving, registration

HOW = "own page"
# Which consent goes with which way of being asked.
SCOPES = {
    Patient.Channel.EMAIL: Consent.Scope.EMAIL,
    Patient.Channel.SMS: Consent.Scope.SMS,
    Patient.Channel.PHONE: Consent.Scope.PHONE,
    Patient.Channel.LETTER: Consent.Scope.LETTER,
}
# To be asked nothing any more.
ALL = "all"
STOPPED_BY_CHANNEL = {
    Consent.Scope.EMAIL: Channel.EMAIL,
    Consent.Scope.SMS: Channel.SMS,
    Consent.Scope.LETTER: Channel.LETTER,
}
# How much of a number or a name is shown to whoever looks over a shoulder.
SHOWN_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Way:
    """One way of being asked that the record has an address or number for."""

    channel: str
    where: str
    is_chosen: bool
    # What is agreed to by choosing it; empty where that stands already.
    agreement: str


def ways(person: Patient, language: str) -> list[Way]:
    """Two queries."""
    held = consents.in_force(person)
    version = wordings.current_version()
    return [
        Way(
            channel=channel.value,
            where=where,
            is_chosen=person.preferred_channel == channel,
            agreement=""
            if SCOPES[channel] in held
            else wordings.wording(version, SCOPES[channel], language),
        )
        for channel, where in _on_record(person).items()
    ]


def _on_record(person: Patient) -> dict[Patient.Channel, str]:
    found: dict[Patient.Channel, str] = {}
    for contact in person.contact_points.filter(failed_at=None).order_by("pk"):
        if contact.system == ContactPoint.System.EMAIL:
            found[Patient.Channel.EMAIL] = masked_email(contact.value)
            continue
        shown = masked_number(contact.value)
        if person.clinic.sms_sender and sms.number_of(contact.value, person.clinic):
            found[Patient.Channel.SMS] = shown
        found[Patient.Channel.PHONE] = shown
    if person.postal_address:
        found[Patient.Channel.LETTER] = person.postal_address.split("\n")[0]
    return found


def masked_email(address: str) -> str:
    """Such as m…@example.org."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def masked_number(number: str) -> str:
    digits = [sign for sign in number if sign.isdigit()]
    return f"…{''.join(digits[-SHOWN_DIGITS:])}"


@transaction.atomic
def choose(person: Patient, *, channel: str, language: str) -> None:
    """By which way, and in which language, from the next message on.

    Whoever chooses a way agrees to it by the words that stand beside it; under age
    somebody else decides. ValidationError where it is not on offer.
    """
    known = {way.channel: way for way in ways(person, language)}
    if channel not in known or language not in Language.values:
        raise ValidationError(
            "Choose one of the ways that are offered.", code="unknown"
        )
    way = known[channel]
    if way.agreement and person.is_minor:
        raise ValidationError("A guardian has to agree to it.", code="minor")
    if way.agreement:
        scope = SCOPES[Patient.Channel(channel)]
        consents.give(person, by=audit.PATIENT, scope=scope)
    registration.update(
        person, by=audit.PATIENT, preferred_channel=channel, language=language
    )


def can_stop(person: Patient) -> Sequence[str]:
    """What the patient is asked by now, and may end; in the order of the channels."""
    held = consents.in_force(person)
    return [scope.value for scope in SCOPES.values() if scope in held]


@transaction.atomic
def stop(person: Patient, what: str) -> None:
    """End one way of being asked, or all of it. ValidationError for what is unknown."""
    if what == ALL:
        leaving.withdraw(
            person, by=audit.PATIENT, reason=leaving.WithdrawalReason.ASKED
        )
    elif what not in SCOPES.values():
        raise ValidationError("Choose what to stop.", code="unknown")
    elif what in STOPPED_BY_CHANNEL:
        stopping.stop([person], STOPPED_BY_CHANNEL[Consent.Scope(what)], how=HOW)
    elif what in consents.in_force(person):
        consents.withdraw(person, by=audit.PATIENT, scope=what)
