"""What somebody wrote back: a word that stops or starts is obeyed at once, all else
waits in the inbox; either is answered by the machine, once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from clinic import audit
from clinic.models import Clinic
from outcomes.follow_ups.channels.outcome import reference
from outcomes.follow_ups.incoming import answers, keywords, stopping
from outcomes.models import InboundMessage, Message
from outcomes.models.messages import Channel
from patients.models import Patient

Meaning = InboundMessage.Meaning
# Of each meaning to each sender: two machines must not talk to each other.
ONE_ANSWER_IN = timedelta(hours=24)
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came; `sender` is E.164 or an address in small letters."""

    channel: Channel
    provider: str
    provider_ref: str
    sender: str
    text: str
    clinics: Sequence[Clinic]
    # What it answers, where that is known.
    about: Message | None = None
    # What the provider took it for, and has seen to itself.
    settled_as: Meaning | None = None
    # Written by a machine, which is never answered.
    is_automatic: bool = False
    at: datetime = field(kw_only=True)

    @property
    def meaning(self) -> Meaning:
        if self.settled_as is not None:
            return self.settled_as
        return Meaning.OTHER if self.is_automatic else keywords.meaning_of(self.text)


@dataclass(frozen=True, slots=True)
class Taken:
    """The row that was made of it, with the answer that is due to it."""

    row: InboundMessage
    answer: str


def take(incoming: Incoming) -> list[Taken]:
    """Once for each clinic that it may be meant for; told twice, nothing the second
    time.
    """
    found = (_take_at(clinic, incoming) for clinic in incoming.clinics)
    return [taken for taken in found if taken is not None]


@transaction.atomic
def _take_at(clinic: Clinic, incoming: Incoming) -> Taken | None:
    people = _people(clinic, incoming)
    row, is_new = InboundMessage.objects.get_or_create(
        provider=incoming.provider,
        provider_ref=f"{reference(incoming.provider_ref)}:{clinic.pk}",
        defaults={
            "clinic": clinic,
            "channel": incoming.channel,
            "patient": people[0] if len(people) == 1 else None,
            "sender": incoming.sender.replace("\0", "")[:254],
            "text": incoming.text.replace("\0", "")[:LONGEST_TEXT],
            "meaning": incoming.meaning,
            "received_at": incoming.at,
        },
    )
    if not is_new:
        return None
    is_settled = _obey(row, people)
    if is_settled:
        row.read_at = incoming.at
        row.save(update_fields=["read_at"])
    audit.record(
        by=audit.PATIENT if people else audit.SYSTEM,
        action="inbound_message.received",
        about=row,
        patients=[one.pk for one in people],
        channel=str(row.channel),
        meaning=str(row.meaning),
    )
    return Taken(row, _answer(row, people, incoming, is_settled=is_settled))


def _people(clinic: Clinic, incoming: Incoming) -> list[Patient]:
    """All with the number or address, and whoever it is that was written to."""
    found = stopping.people_at(clinic, incoming.channel, incoming.sender)
    if incoming.about is not None and incoming.about.clinic_id == clinic.pk:
        found.append(incoming.about.request.person)
    return list({one.pk: one for one in found}.values())


def _obey(row: InboundMessage, people: Iterable[Patient]) -> bool:
    """Whether nothing is left to do for a person."""
    people = list(people)
    if row.meaning == Meaning.STOP:
        stopping.stop(people, row.channel, how="reply")
        return bool(people)
    if row.meaning == Meaning.START:
        return stopping.start(people, row.channel) > 0
    return False


def _answer(
    row: InboundMessage,
    people: Sequence[Patient],
    incoming: Incoming,
    *,
    is_settled: bool,
) -> str:
    """Empty where none is to go; else it is noted that it goes."""
    if incoming.is_automatic or incoming.settled_as or _was_answered(row):
        return ""
    if row.channel == Channel.EMAIL:
        # A sender's address can be forged: strangers are not written to.
        if people:
            InboundMessage.objects.filter(pk=row.pk).update(answer_due_at=incoming.at)
        return ""
    InboundMessage.objects.filter(pk=row.pk).update(answered_at=incoming.at)
    languages = answers.languages_of(people, row.text)
    return answers.words(row, languages, is_settled=is_settled)


def _was_answered(row: InboundMessage) -> bool:
    earlier = InboundMessage.objects.filter(
        clinic=row.clinic_id,
        channel=row.channel,
        sender=row.sender,
        meaning=row.meaning,
        received_at__gt=row.received_at - ONE_ANSWER_IN,
    ).exclude(pk=row.pk)
    return any(one.answered_at or one.answer_due_at for one in earlier)
