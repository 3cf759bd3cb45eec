"""The words of the ledger: categories, grades and who is told, each with its source.

Grades are the general scale of CTCAE; its list of terms is not used, and the
categories are words of our own.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry, Source

_DATA = Path(__file__).parent / "data"
_COLUMNS = ("key", "label", "help", "status", "sources")
# Read at the source, remembered, or ours.
_STATUSES = ("verified", "recalled", "proposal")
OTHER = "other"
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Word:
    key: str
    label: str
    help: str
    status: str
    sources: tuple[str, ...]


@functools.cache
def categories() -> Mapping[str, Word]:
    return _read("categories.csv")


@functools.cache
def grades() -> Mapping[str, Word]:
    return _read("grades.csv")


@functools.cache
def receivers() -> Mapping[str, Word]:
    """Whom a clinic tells of an event."""
    return _read("receivers.csv")


@functools.cache
def sources() -> Mapping[str, Source]:
    return reference_data.read_sources(_DATA / "sources.csv")


def choices(words: Mapping[str, Word]) -> list[tuple[str, str]]:
    return [(word.key, word.label) for word in words.values()]


def label(words: Mapping[str, Word], key: str) -> str:
    """A key that the list lost is shown as it is stored."""
    return words[key].label if key in words else key


def _read(name: str) -> Mapping[str, Word]:
    found: dict[str, Word] = {}
    for row in reference_data.read_csv(_DATA / name, _COLUMNS):
        word = _word(row, found)
        found[word.key] = word
    return found


def _word(row: Entry, used: Mapping[str, Word]) -> Word:
    word = Word(
        key=row.unique_text("key", used),
        label=row.text("label"),
        help=row.optional_text("help"),
        status=row.choice("status", _STATUSES),
        sources=tuple(filter(None, row.optional_text("sources").split(";"))),
    )
    for key in word.sources:
        if key not in sources():
            raise row.error("sources", f"{key} is not in sources.csv.")
    if (word.status == "verified") != bool(word.sources):
        raise row.error("status", "verified needs a source, and the others have none.")
    return word
