"""The card to take home: what is next, how our messages are known, whom to call.

In both languages on one sheet, so that whoever helps the patient can read it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings

from outcomes.own_page import coming
from outcomes.own_page.coming import Next
from outcomes.survey import pages, texts
from outcomes.survey.pages import Call, Phrase
from patients.models import Patient


@dataclass(frozen=True, slots=True)
class Half:
    """The card in one language."""

    language: str
    t: dict[str, str]
    coming: Sequence[Next]
    emergency: Phrase


@dataclass(frozen=True, slots=True)
class Card:
    clinic: str
    phone: Call | None
    # What our messages come from, as a phone or a mail program shows it.
    sender: str
    mail_from: str
    text_from: str
    phrase: str
    halves: Sequence[Half]


def of(person: Patient, record_ids: Sequence[UUID], *, at: datetime) -> Card:
    """Three queries."""
    clinic = person.clinic
    rows = coming.read(person, record_ids, at=at)
    return Card(
        clinic=clinic.name,
        phone=pages.call(clinic),
        sender=clinic.sender_name,
        mail_from=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        text_from=_number(clinic.sms_sender),
        phrase=person.phrase,
        halves=[
            Half(
                language=language,
                t=dict(texts.phrases(language)),
                coming=coming.in_words(rows, language),
                emergency=Phrase(language, clinic.emergency_text(language)),
            )
            for language in texts.LANGUAGES
        ],
    )


def _number(sender: str) -> str:
    """The id of a messaging service names no number: its texts come from several."""
    return "" if sender.startswith("MG") else sender
