"""Reads the Excludes1 notes of ICD-10-CM: which codes a note speaks of.

A note reads "M51.1: sciatica NOS (M54.3)": it stands at M51.1 and holds for every code
below it. A dash, a category and a range stand for all the codes they begin.
"""

import functools
import re
from dataclasses import dataclass

BETWEEN_NOTES = " ; "
CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?"
NOTE = re.compile(rf"({CODE}): (.+)")
LISTED = re.compile(r".*\(([^()]+)\)")
SPAN = re.compile(
    rf"(?P<low>{CODE})\.?-?(?:-(?P<high>{CODE})\.?-?)?"
    r"(?: with \.(?P<after_dot>\w+)-?| with fifth character (?P<fifth>\w))?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """All codes from low to high, without dots, whose rest reads so from a place on."""

    low: str
    high: str
    place: int = 0
    rest: str = ""

    def holds(self, compact: str) -> bool:
        return (
            self.low <= compact[: len(self.low)]
            and compact[: len(self.high)] <= self.high
            and compact[self.place :].startswith(self.rest)
        )


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One note; it has no spans where its words name no codes."""

    level: str
    words: str
    spans: tuple[Span, ...]

    def holds(self, compact: str) -> bool:
        return any(span.holds(compact) for span in self.spans)


@functools.cache
def parse(text: str) -> tuple[Exclusion, ...]:
    """The notes of one cell; ValueError where one is not written like the example."""
    return tuple(_note(part) for part in text.split(BETWEEN_NOTES) if part)


def _note(text: str) -> Exclusion:
    found = NOTE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not written like 'M51.1: sciatica NOS (M54.3)'.")
    level, words = found.groups()
    return Exclusion(level, words, _spans(words))


def _spans(words: str) -> tuple[Span, ...]:
    listed = LISTED.fullmatch(words)
    if listed is None:
        return ()
    parts = [SPAN.fullmatch(part) for part in re.split(", | and ", listed[1])]
    spans = [_span(part) for part in parts if part is not None]
    # "Adverse effects (A00-R94 ...)" names a kind of condition, wherever it is coded:
    # as codes it would forbid T88.7 beside nearly everything.
    names_codes = all(span.low[0] == span.high[0] for span in spans)
    return tuple(spans) if len(spans) == len(parts) and names_codes else ()


def _span(found: re.Match[str]) -> Span:
    low = found["low"].replace(".", "")
    high = (found["high"] or found["low"]).replace(".", "")
    if found["after_dot"]:
        return Span(low, high, 3, found["after_dot"])
    if found["fifth"]:
        return Span(low, high, 4, found["fifth"])
    return Span(low, high)
