"""Our own words for every message, read from a file that is checked as it is read."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from clinic.models import Language
from clinic.reference_data import Entry
from outcomes.follow_ups.wording import texts
from outcomes.follow_ups.wording.texts import Text
from outcomes.models.messages import Channel, Kind

FILE = Path(__file__).parent / "data" / "defaults.toml"
# Channel, kind and language.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Defaults:
    version: int
    texts: Mapping[Key, Text]
    # What {minutes} stands for, by kind.
    minutes: Mapping[str, str]
    # By language: {phone} of a clinic without one, and what is clicked in an e-mail.
    no_phone: Mapping[str, str]
    link_label: Mapping[str, str]
    # How a mail or a letter ends that carries the patient's phrase.
    phrase_line: Mapping[str, str]


@functools.cache
def load(path: Path = FILE) -> Defaults:
    file = reference_data.read_toml(path)
    version = file.integer("version")
    file.text("source")
    minutes = file.table("minutes")
    found = Defaults(
        version=version,
        texts=_texts(file),
        minutes={kind.value: str(minutes.integer(kind)) for kind in Kind},
        no_phone=_by_language(file.table("no_phone")),
        link_label=_by_language(file.table("link_label")),
        phrase_line=_by_language(file.table("phrase_line")),
    )
    minutes.finish()
    file.finish()
    return found


def _by_language(table: Entry) -> dict[str, str]:
    found = {language.value: table.text(language) for language in Language}
    table.finish()
    return found


def _texts(file: Entry) -> dict[Key, Text]:
    """Every channel has every kind in every language."""
    found: dict[Key, Text] = {}
    for channel in Channel:
        kinds = file.table(channel)
        for kind in Kind:
            languages = kinds.table(kind)
            for language in Language:
                entry = languages.table(language)
                found[channel.value, kind.value, language.value] = _text(
                    entry, channel, language
                )
            languages.finish()
        kinds.finish()
    return found


def _text(entry: Entry, channel: Channel, language: Language) -> Text:
    text = Text(entry.optional_text("subject"), entry.text("body"))
    entry.finish()
    for objection in texts.objections(text, channel, language):
        raise entry.error(objection.field, objection.reason)
    return text
