"""Words that say of somebody what they are treated for, which a message must not.

They stand in a file of their own, in English and Spanish. A text is held against all
of them, whatever its language, without regard to accents and capital letters.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data

FILE = Path(__file__).parent / "data" / "clinical_words.csv"
COLUMNS = ("word", "language", "group")
LANGUAGES = ("en", "es", "any")
GROUPS = ("body part", "diagnosis", "procedure", "drug", "clinical word")
# Ends a word of which every ending counts, such as inject*.
ANY_ENDING = "*"
# What is left of a name when its clinical words go, and would name nobody.
SAYS_NOTHING = frozenset(
    [
        *("a", "and", "associates", "at", "care", "center", "centre", "centro"),
        *("clinic", "clinica", "de", "el", "for", "group", "grupo", "institute"),
        *("instituto", "la", "of", "specialists", "the", "y"),
    ]
)
JOINING = frozenset(["and", "at", "de", "del", "for", "of", "the", "y", "&"])
NEUTRAL_NAME = "Your care team"


@dataclass(frozen=True, slots=True)
class Found:
    """A clinical word as it was written, and where it begins."""

    word: str
    group: str
    at: int


def find(text: str, names: Iterable[str] = ()) -> list[Found]:
    """Each clinical word once, in the order of the text; `names` may hold some."""
    searched = _without(plain(text), names)
    found: dict[str, Found] = {}
    for match in _pattern().finditer(searched):
        word = text[match.start() : match.end()]
        group = GROUPS[int(str(match.lastgroup).removeprefix("group_"))]
        found.setdefault(match[0], Found(word, group, match.start()))
    return list(found.values())


def neutral(name: str) -> str:
    """The name without its clinical words, as a sender's name that says nothing."""
    words = name.split()
    is_clinical = [bool(find(word)) for word in words]
    # What joined a clinical word to the next goes with it.
    beside = zip([False, *is_clinical], [*is_clinical[1:], False], strict=False)
    kept = [
        word
        for word, clinical, near in zip(words, is_clinical, beside, strict=True)
        if not clinical and not (plain(word) in JOINING and any(near))
    ]
    says_nothing = all(plain(word).strip(",") in SAYS_NOTHING for word in kept)
    shortened = " ".join(kept).strip(" ,&-")
    return NEUTRAL_NAME if says_nothing or find(shortened) else shortened


def plain(text: str) -> str:
    """Small letters without accents, one for each letter of the text."""
    return "".join(_plain_letter(letter) for letter in text)


def _plain_letter(letter: str) -> str:
    return (unicodedata.normalize("NFKD", letter)[:1] or letter).lower()[:1]


def _without(searched: str, names: Iterable[str]) -> str:
    """The same length, with blanks where a name stands; the longest first."""
    for name in sorted(filter(None, map(plain, names)), key=len, reverse=True):
        whole = rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
        searched = re.sub(whole, lambda match: " " * len(match[0]), searched)
    return searched


@functools.cache
def _pattern() -> re.Pattern[str]:
    """One expression for all of them, a named part for each group; longest first."""
    parts = []
    for number, group in enumerate(GROUPS):
        words = sorted((w for w, g in load().items() if g == group), key=len)
        either = "|".join(_expression(word) for word in reversed(words))
        parts.append(f"(?P<group_{number}>{either})")
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])")


def _expression(word: str) -> str:
    stem = re.escape(word.removesuffix(ANY_ENDING)).replace(r"\ ", r"\s+")
    return stem + (r"[^\W_]*" if word.endswith(ANY_ENDING) else "(?:s|es)?")


@functools.cache
def load(path: Path = FILE) -> dict[str, str]:
    """The group of each word."""
    words: dict[str, str] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        word = row.unique_text("word", words)
        if word != plain(word):
            raise row.error("word", f"write {plain(word)}: no capitals, no accents.")
        row.choice("language", LANGUAGES)
        words[word] = row.choice("group", GROUPS)
    return words
