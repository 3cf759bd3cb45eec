"""What is known of people without active treatment: data, with its sources."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from outcomes.survey import texts
from patients.catalogue import places
from plans.models import Modality

DATA = Path(__file__).parent / "data" / "natural_course.toml"
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """`text` in the order of the languages; without sites or modalities of any."""

    key: str
    sites: tuple[str, ...]
    modalities: tuple[str, ...]
    text: tuple[str, ...]
    sources: tuple[str, ...]

    def fits(self, site: str, modality: str) -> bool:
        is_place = not self.sites or site in self.sites
        return is_place and (not self.modalities or modality in self.modalities)

    def said(self, language: str) -> str:
        return self.text[texts.LANGUAGES.index(language)]


@functools.cache
def facts() -> Sequence[Fact]:
    return read(DATA)


def of(site: str, modality: str) -> list[Fact]:
    """The nearest first. What is said of a place is not said again of all."""
    found: list[Fact] = []
    told: set[str] = set()
    for fact in facts():
        names = {source.split(",")[0] for source in fact.sources}
        if fact.fits(site, modality) and not names & told:
            found.append(fact)
            told |= names
    return found[:SHOWN]


def read(path: Path) -> list[Fact]:
    """ReferenceDataError names the fact and the key at fault."""
    file = reference_data.read_toml(path)
    found: dict[str, Fact] = {}
    for entry in file.tables("facts"):
        fact = _fact(entry, found)
        found[fact.key] = fact
    file.finish()
    return list(found.values())


def _fact(entry: Entry, known: dict[str, Fact]) -> Fact:
    fact = Fact(
        key=entry.unique_text("key", known),
        sites=entry.texts("sites"),
        modalities=entry.texts("modalities"),
        text=tuple(entry.text(language) for language in texts.LANGUAGES),
        sources=entry.texts("sources"),
    )
    entry.finish()
    for name, allowed in (
        ("sites", places.body_sites()),
        ("modalities", Modality.values),
    ):
        for each in getattr(fact, name):
            if each not in allowed:
                raise entry.error(name, f"{each!r} is unknown.")
    return fact
