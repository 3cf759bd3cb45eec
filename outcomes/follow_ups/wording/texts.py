"""The text of a message with its variables: filled in, and held against the rules.

Filling is plain substitution. No template engine ever sees what a clinic has written.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clinic import clinical_words
from clinic.models import Language
from outcomes.follow_ups.channels import segments
from outcomes.models.messages import Channel

VARIABLES = {
    "clinic": "the clinic’s sender name",
    "link": "the patient’s own link",
    "phone": "the clinic’s phone number",
    "emergency": "the clinic’s emergency line",
    "minutes": "how many minutes the questions take",
    "phrase": "the phrase that the patient has chosen; left out without one",
}
KNOWN = ", ".join(f"{{{name}}}" for name in VARIABLES)
LONGEST_SUBJECT, LONGEST_BODY = 120, 2000
# Each part of a text message is paid for, and a long one is read less.
SMS_PARTS = 2
# The words by which a carrier lets somebody out, and how ours say it.
OPT_OUT = {
    Language.ENGLISH: ("STOP", "Reply STOP to end."),
    Language.SPANISH: ("ALTO", "Responda ALTO para parar."),
}
_VARIABLE = re.compile(r"\{([^{}]*)\}")
PHRASE = "{phrase}"
# With what would be left hanging where a patient has none.
_PHRASE = re.compile(r"\{phrase\}[.,:;]?[ ]?")


@dataclass(frozen=True, slots=True)
class Text:
    """As it was written, with its variables; a text message has no subject."""

    subject: str
    body: str

    @property
    def fields(self) -> dict[str, str]:
        return {"subject": self.subject, "body": self.body}


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a text cannot be sent, and in which of its fields."""

    field: str
    reason: str


def fill(text: str, values: Mapping[str, str]) -> str:
    """The values themselves are never filled: what they hold stays as it is."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def with_phrase(text: Text, phrase: str, channel: str, line: str) -> Text:
    """The text with its place for the phrase; without one where there is no phrase.

    A text that names no place has it where all have it: a text message in front, for
    who reads only the beginning; a mail and a letter at the end, in a `line` of theirs.
    """
    if not phrase:
        return without_phrase(text)
    if PHRASE in text.subject or PHRASE in text.body:
        return text
    if channel == Channel.SMS:
        return Text(text.subject, f"{PHRASE}. {text.body}")
    return Text(text.subject, f"{text.body}\n\n{line}")


def without_phrase(text: Text) -> Text:
    """Of a mail the whole line goes that names it."""
    if PHRASE not in text.subject and PHRASE not in text.body:
        return text
    lines = text.body.split("\n")
    kept = [one for one in lines if PHRASE not in one] if len(lines) > 1 else lines
    body = re.sub(r"\n{3,}", "\n\n", _PHRASE.sub("", "\n".join(kept)))
    return Text(_PHRASE.sub("", text.subject).strip(), body.strip())


def tidy(text: str) -> str:
    """One kind of line end, none at the ends, no blanks before them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def objections(
    text: Text, channel: str, language: str, names: Iterable[str] = ()
) -> list[Objection]:
    """What stands against it, but for its length; `names` may hold clinical words."""
    names = list(names)
    found = [*_missing(text, channel, language), *_subject_faults(text, channel)]
    for field, written in text.fields.items():
        found += _unknown(field, written)
        found += _clinical(field, written, names)
    return found


def _missing(text: Text, channel: str, language: str) -> Iterator[Objection]:
    if "{link}" not in text.body:
        reason = "{link} is missing: without it nobody can answer."
        yield Objection("body", reason)
    word, example = OPT_OUT[Language(language)]
    is_named = re.search(rf"\b{word}\b", text.body)
    if channel == Channel.SMS and not is_named:
        reason = f"It does not say how to stop; end it with “{example}”"
        yield Objection("body", reason)


def _subject_faults(text: Text, channel: str) -> Iterator[Objection]:
    if channel == Channel.SMS and text.subject:
        yield Objection("subject", "A text message has no subject.")
    if channel == Channel.EMAIL and not text.subject:
        yield Objection("subject", "Give a subject.")
    if "\n" in text.subject:
        yield Objection("subject", "A subject is one line.")
    if "{link}" in text.subject:
        yield Objection("subject", "{link} can stand in the text only.")


def _unknown(field: str, written: str) -> Iterator[Objection]:
    for name in dict.fromkeys(_VARIABLE.findall(written)):
        if name not in VARIABLES:
            yield Objection(field, f"{{{name}}} is not known; use {KNOWN}.")


def _clinical(field: str, written: str, names: list[str]) -> Iterator[Objection]:
    # What a name of a variable says is not sent.
    blanked = _VARIABLE.sub(lambda found: " " * len(found[0]), written)
    for word in clinical_words.find(blanked, names):
        place = "the subject"
        if field == "body":
            place = f"line {blanked.count(chr(10), 0, word.at) + 1}"
        reason = (
            f"“{word.word}” in {place} is a {word.group}: whoever sees the message "
            "would learn what the patient is treated for. Say it without."
        )
        yield Objection(field, reason)


def parts(text: str) -> int:
    return segments.count(text)


def fitted(text: str) -> str:
    """A text message, without accents where they alone make it too long."""
    return text if parts(text) <= SMS_PARTS else segments.without_accents(text)


def length_objections(text: str, channel: str) -> list[Objection]:
    """Of a text as it is sent, with the clinic's own values in it."""
    if channel != Channel.SMS or parts(text) <= SMS_PARTS:
        return []
    reason = f"It would be {parts(text)} text messages long; {SMS_PARTS} are the most."
    return [Objection("body", reason)]
