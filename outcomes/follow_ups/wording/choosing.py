"""Which words a message goes out with, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.safestring import SafeString

from clinic.models import Clinic
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.wording import defaults, mail_html, rungs, texts
from outcomes.follow_ups.wording.defaults import Key
from outcomes.follow_ups.wording.texts import Text
from outcomes.models import Message
from outcomes.models.messages import Channel, Wording


@dataclass(frozen=True, slots=True)
class Words:
    """A message as its patient gets it; HTML is the e-mail's only."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Wordings:
    """A clinic's own words, read once for all of a batch's messages."""

    own: Mapping[Key, Text]

    @classmethod
    def of(cls, clinic_id: UUID) -> "Wordings":
        """Costs a query."""
        rows = Wording.objects.filter(clinic=clinic_id)
        fields = rows.values_list("channel", "kind", "language", "subject", "body")
        own: dict[Key, Text] = {}
        for channel, kind, language, subject, body in fields:
            own[channel, kind, language] = Text(subject, body)
        return cls(own)

    def text(self, channel: str, kind: str, language: str) -> Text:
        """A rung without words of its own has the reminder's, and a clinic that has
        written in one language only has ours in the other.
        """
        key = channel, kind, language
        whole = rungs.whole(key)
        return self.own.get(key) or self.own.get(whole) or defaults.load().texts[whole]

    def words_for(self, message: Message) -> Words:
        """Costs no query where survey, patient and clinic came with the message."""
        text, values = self._of(message)
        language = message.request.language
        return words_of(text, values, channel=message.channel, language=language)

    def paragraphs_for(self, message: Message, *, label: str) -> SafeString:
        """As HTML for paper, where `label` stands for the link by itself."""
        text, values = self._of(message)
        language = message.request.language
        text = placed(text, values, channel=message.channel, language=language)
        return mail_html.paragraphs(text.body, values, label=label)

    def _of(self, message: Message) -> tuple[Text, dict[str, str]]:
        request = message.request
        values = values_for(
            request.patient.clinic,
            kind=message.kind,
            language=request.language,
            link=tokens.url_for(message),
            phrase=request.person.phrase,
        )
        worded = rungs.worded_as(message.kind, message.rung)
        return self.text(message.channel, worded, request.language), values


def words_for(message: Message) -> Words:
    """For a single message; a batch reads the clinic's `Wordings` once."""
    return Wordings.of(message.clinic_id).words_for(message)


def values_for(
    clinic: Clinic, *, kind: str, language: str, link: str, phrase: str = ""
) -> dict[str, str]:
    """What the variables stand for; the patient's are the link and their phrase."""
    ours = defaults.load()
    return {
        "clinic": clinic.sender_name,
        "link": link,
        "phone": clinic.phone or ours.no_phone[language],
        "emergency": clinic.emergency_text(language),
        "minutes": ours.minutes[rungs.kind_of(kind)],
        "phrase": phrase,
    }


def placed(
    text: Text, values: Mapping[str, str], *, channel: str, language: str
) -> Text:
    """With a place for the patient's phrase, or without any."""
    line = defaults.load().phrase_line[language]
    return texts.with_phrase(text, values["phrase"], channel, line)


def words_of(
    text: Text, values: Mapping[str, str], *, channel: str, language: str
) -> Words:
    text = placed(text, values, channel=channel, language=language)
    subject, body = texts.fill(text.subject, values), texts.fill(text.body, values)
    if channel == Channel.SMS:
        return Words("", _short(text, body, values), "")
    if channel == Channel.LETTER:
        return Words(subject, body, "")
    label = defaults.load().link_label[language]
    html = mail_html.document(text.body, values, language=language, label=label)
    return Words(subject, body, html)


def _short(text: Text, body: str, values: Mapping[str, str]) -> str:
    """A text message that its patient's phrase alone makes too long goes without it."""
    fitted = texts.fitted(body)
    if not values["phrase"] or texts.parts(fitted) <= texts.SMS_PARTS:
        return fitted
    return texts.fitted(texts.fill(texts.without_phrase(text).body, values))
