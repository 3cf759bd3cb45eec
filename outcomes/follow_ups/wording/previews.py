"""A message as its patient would see it: the clinic's values, and a dead link."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from clinic.models import Clinic
from outcomes.follow_ups.wording import defaults, editing, mail_html, texts
from outcomes.follow_ups.wording.choosing import Words, placed, values_for, words_of
from outcomes.follow_ups.wording.defaults import Key
from outcomes.follow_ups.wording.texts import Objection, Text
from outcomes.models.messages import Channel


@dataclass(frozen=True, slots=True)
class Preview:
    channel: str
    language: str
    sender: str
    words: Words
    # The paragraphs of an e-mail or a letter.
    paragraphs: SafeString
    objections: list[Objection]
    # Of a text message: how many parts are paid for, and whether it lost its accents.
    parts: int
    is_plain: bool
    lacks_emergency: bool

    @property
    def characters(self) -> int:
        return len(self.words.text)


def of(clinic: Clinic, key: Key, text: Text) -> Preview:
    channel, kind, language = key
    text = Text(texts.tidy(text.subject), texts.tidy(text.body))
    values = values_for(clinic, kind=kind, language=language, link=editing.dead_link())
    words = words_of(text, values, channel=channel, language=language)
    shown = placed(text, values, channel=channel, language=language)
    # On paper nothing can be clicked.
    is_letter = channel == Channel.LETTER
    label = values["link"] if is_letter else defaults.load().link_label[language]
    return Preview(
        channel=channel,
        language=language,
        sender=clinic.sender_name,
        words=words,
        paragraphs=mail_html.paragraphs(shown.body, values, label=label),
        objections=editing.objections(clinic, key, text),
        parts=texts.parts(words.text),
        is_plain=words.text != texts.fill(shown.body, values),
        lacks_emergency="{emergency}" not in text.body and channel != Channel.SMS,
    )
