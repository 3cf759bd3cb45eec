"""A message by text message, by the provider that the server is configured to use."""

from django.conf import settings
from django.urls import reverse

from clinic import clock, zones
from clinic.models import Clinic
from outcomes.follow_ups import wording
from outcomes.follow_ups.channels import failures, sms_console, sms_twilio, tokens
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.channels.sms_text import Provider, Text
from outcomes.follow_ups.incoming import stopping
from outcomes.models import Message
from patients.models import contact_keys

CONSOLE, TWILIO = "console", "twilio"
PROVIDERS: dict[str, Provider] = {CONSOLE: sms_console, TWILIO: sms_twilio}


def send(message: Message, address: str) -> Outcome:
    """One attempt; what is refused for good is not tried again by any message."""
    clinic = message.request.person.clinic
    number = number_of(address, clinic)
    if not number:
        _remember(message, address, sms_twilio.NOT_A_NUMBER)
        return Outcome(Verdict.REFUSED, sms_twilio.NOT_A_NUMBER)
    outcome = provider_of(clinic).send(_text(message, number))
    if outcome.verdict == Verdict.REFUSED:
        _remember(message, number, outcome.detail)
    return outcome


def was_sent(message: Message, address: str = "") -> bool | None:
    """Whether the provider has it, looked up by its link; None where nobody knows."""
    person = message.request.person
    # Of two numbers the newer one counts, as where it was sent.
    phone = person.contact_points.filter(system="phone").order_by("pk").last()
    number = number_of(address or (phone.value if phone else ""), person.clinic)
    if not number:
        return None
    return provider_of(person.clinic).was_sent(_text(message, number))


def provider_of(clinic: Clinic) -> Provider:
    """A demo's texts stay on disk, whatever the server is configured to use."""
    return PROVIDERS[CONSOLE if clinic.is_demo else settings.SMS_PROVIDER]


def number_of(address: str, clinic: Clinic) -> str:
    """E.164; empty where a text cannot go there, such as to an extension."""
    key = contact_keys.phone_key(address, zones.country_of(clinic.zone))
    return key if key.startswith("+") and "x" not in key else ""


def _text(message: Message, number: str) -> Text:
    clinic = message.request.person.clinic
    return Text(
        message_id=message.pk,
        clinic_id=clinic.pk,
        sender=clinic.sms_sender,
        to=number,
        body=wording.words_for(message).text,
        mark=tokens.token_for(message.pk),
        receipts_url=receipts_url(message),
    )


def receipts_url(message: Message) -> str:
    """Names the message, so that a receipt may arrive before we know the provider's
    own name for it; the id says nothing to anybody else.
    """
    path = reverse("outcomes:sms_status", args=[settings.SMS_PROVIDER])
    return f"{settings.SITE_URL}{path}?message={message.pk}"


def _remember(message: Message, number: str, detail: str) -> None:
    """Written down before the outcome is: tried once more, it is refused once more."""
    person, now = message.request.person, clock.now()
    if detail == sms_twilio.OPTED_OUT:
        stopping.stop_address(person.clinic, message.channel, number, how="carrier")
    elif detail in {sms_twilio.LANDLINE, sms_twilio.NOT_A_NUMBER}:
        failures.note(person.clinic, message.channel, number, detail, now)
