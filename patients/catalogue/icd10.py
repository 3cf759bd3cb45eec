"""Look-up and search in the shipped part of ICD-10-CM.

A code that is not found here is "not in our list"; it may well exist.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data" / "icd10cm.csv"
SEARCH_TERMS = Path(__file__).parent / "data" / "icd10_search_terms.csv"
COLUMNS = (
    "code",
    "title",
    "group",
    "billable",
    "region",
    "laterality",
    "inclusion_terms",
    "product_note",
    "release",
)
LATERALITIES = ("right", "left", "bilateral", "unspecified")
SEARCH_TERM_COLUMNS = ("code_prefix", "terms")
CODE_PATTERN = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True)
class Code:
    """One code; region, laterality and note are empty where the list gives none."""

    code: str
    title: str
    is_billable: bool
    region: str
    laterality: str
    note: str
    release: str


@dataclass(frozen=True, slots=True)
class _Indexed:
    code: Code
    compact: str
    title_words: str
    all_words: str


def lookup(code: str) -> Code | None:
    """The code as typed, with or without its dot, in any case, or None."""
    found = _index().get(_compact(code))
    return found.code if found else None


def search(text: str, limit: int = 20) -> list[Code]:
    """Codes that begin with the text, or whose words begin with all of its words."""
    compact, words = _compact(text), _words(text).split()
    if not words or limit < 1:
        return []
    ranked = [
        (_rank(entry, compact, words), entry.code)
        for entry in _index().values()
        if entry.compact.startswith(compact) or _has_all(entry.all_words, words)
    ]
    ranked.sort(key=lambda pair: pair[0])
    return [code for _, code in ranked[:limit]]


@functools.cache
def _index() -> Mapping[str, _Indexed]:
    return read(DATA, SEARCH_TERMS)


def read(path: Path, search_terms: Path) -> dict[str, _Indexed]:
    """The codes of a file by compact code, found by our own everyday words too."""
    everyday = [
        (_compact(row.text("code_prefix")), row.text("terms"))
        for row in reference_data.read_csv(search_terms, SEARCH_TERM_COLUMNS)
    ]
    index: dict[str, _Indexed] = {}
    codes: set[str] = set()
    for row in reference_data.read_csv(path, COLUMNS):
        code = row.unique_text("code", codes)
        codes.add(code)
        compact = _compact(code)
        terms = [words for prefix, words in everyday if compact.startswith(prefix)]
        index[compact] = _indexed(code, compact, row, " ".join(terms))
    return index


def _indexed(
    code: str, compact: str, row: reference_data.Entry, everyday: str
) -> _Indexed:
    if not CODE_PATTERN.fullmatch(code):
        raise row.error("code", f"{code!r} is not written like M54.16.")
    title = row.text("title")
    has_laterality = row.has("laterality")
    value = Code(
        code=code,
        title=title,
        is_billable=row.flag("billable"),
        region=row.optional_text("region"),
        laterality=row.choice("laterality", LATERALITIES) if has_laterality else "",
        note=row.optional_text("product_note"),
        release=row.text("release"),
    )
    terms = f"{title} {row.optional_text('inclusion_terms')} {everyday}"
    return _Indexed(value, compact, _words(title), _words(terms))


def _rank(
    entry: _Indexed, compact: str, words: list[str]
) -> tuple[int, bool, int, int, bool, str]:
    """Kind of match, then billable, then the closest title, then a side that is known.

    A title is closer the more of the words it holds whole and the shorter it is.
    """
    code = entry.code
    if entry.compact.startswith(compact):
        match = 0 if entry.compact == compact else 1
        return match, not code.is_billable, 0, 0, False, entry.compact
    match = 2 if _has_all(entry.title_words, words) else 3
    title = entry.title_words.split()
    whole = sum(word in title for word in words)
    unsided = code.laterality == "unspecified"
    return match, not code.is_billable, -whole, len(title), unsided, entry.compact


def _has_all(indexed_words: str, words: list[str]) -> bool:
    return all(f" {word}" in indexed_words for word in words)


def _compact(text: str) -> str:
    return re.sub(r"[\s.]|-+$", "", _fold(text)).upper()


def _words(text: str) -> str:
    """Folded words, each after a space, so that ' foo' finds a word's beginning."""
    without_apostrophes = re.sub(r"['\u2019]", "", _fold(text))
    return "".join(f" {word}" for word in re.findall(r"[a-z0-9]+", without_apostrophes))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
