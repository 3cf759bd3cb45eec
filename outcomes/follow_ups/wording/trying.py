"""A test of a message, to the person who writes it: the real channel, a dead link."""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic, User, uuid7
from outcomes.follow_ups.channels import email, sms, sms_text
from outcomes.follow_ups.channels.outcome import Outcome
from outcomes.follow_ups.wording import editing, texts
from outcomes.follow_ups.wording.choosing import Words, values_for, words_of
from outcomes.follow_ups.wording.defaults import Key
from outcomes.follow_ups.wording.texts import Text
from outcomes.models.messages import Channel

TESTED = "wording.tested"
AN_HOUR = timedelta(hours=1)
TESTS_AN_HOUR = 10
# What stands before the clinic's own words, so that nobody takes it for a message.
MARK = "TEST"
NOTE = {
    "en": "This is a test. The link in it opens nothing.",
    "es": "Esto es una prueba. El enlace no abre nada.",
}


def send(
    clinic: Clinic, *, key: Key, subject: str = "", body: str, to: str = "", by: User
) -> Outcome:
    """To the sender's own address, or to the number that they typed.

    Never inside a transaction. ValidationError before anything is sent.
    """
    channel, kind, language = key
    text = Text(texts.tidy(subject), texts.tidy(body))
    editing.check(clinic, key, text)
    address = _address(clinic, channel, to, by)
    _count(clinic, key, by)
    link = editing.dead_link()
    values = values_for(clinic, kind=kind, language=language, link=link)
    words = words_of(
        marked(text, channel, language), values, channel=channel, language=language
    )
    return HANDS_OVER[channel](clinic, words, address)


def marked(text: Text, channel: str, language: str) -> Text:
    if channel == Channel.SMS:
        return Text("", f"{MARK} {text.body}")
    return Text(f"[{MARK}] {text.subject}", f"{NOTE[language]}\n\n{text.body}")


def _address(clinic: Clinic, channel: str, to: str, by: User) -> str:
    if channel not in HANDS_OVER:
        raise ValidationError("No test can be sent by this channel.")
    if channel == Channel.EMAIL:
        return by.email
    if not clinic.sms_sender:
        raise ValidationError("The clinic has no sender for text messages yet.")
    number = sms.number_of(to, clinic)
    if not number:
        raise ValidationError({"to": "Give a mobile number such as 312 555 0100."})
    return number


def _count(clinic: Clinic, key: Key, by: User) -> None:
    """The record of the tests is what limits them."""
    channel, kind, language = key
    recent = AuditEvent.objects.filter(
        clinic=clinic, at__gt=clock.now() - AN_HOUR, actor=by, action=TESTED
    )
    if recent.count() >= TESTS_AN_HOUR:
        raise ValidationError(
            f"You have sent {TESTS_AN_HOUR} tests within an hour; wait a little."
        )
    audit.record(
        by=by,
        action=TESTED,
        about=clinic,
        channel=channel,
        kind=kind,
        language=language,
    )


def _by_email(clinic: Clinic, words: Words, address: str) -> Outcome:
    return email.hand_over(email.letter(clinic, words, address, uuid7()))


def _by_sms(clinic: Clinic, words: Words, number: str) -> Outcome:
    text = sms_text.Text(
        message_id=uuid7(),
        clinic_id=clinic.pk,
        sender=clinic.sms_sender,
        to=number,
        body=words.text,
        mark=editing.DEAD_TOKEN,
    )
    return sms.provider_of(clinic).send(text)


HANDS_OVER: dict[str, Callable[[Clinic, Words, str], Outcome]] = {
    Channel.EMAIL: _by_email,
    Channel.SMS: _by_sms,
}
