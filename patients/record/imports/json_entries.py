"""The resources of a FHIR file one by one, so that memory does not grow with it.

A file is either one Bundle (or one resource) as JSON, or a resource a line (NDJSON).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from patients.record.imports.refusals import ImportFileError

ENCODING = "utf-8-sig"
_AT_ONCE = 1 << 16
# A Bundle may be one line of 50 MB; a resource of a line is far shorter.
_LONGEST_FIRST_LINE = 1 << 20
_SPACE = re.compile(r"[ \t\n\r]*")
# How near to the end of what was read a fault may only mean that more is to come.
_LONGEST_TOKEN = 16
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """Counted from 1: the entry of a Bundle, or the line of an NDJSON file."""

    number: int
    resource: dict[str, Any]
    full_url: str = ""
    # Why there is no resource.
    problem: str = ""

    @property
    def type(self) -> str:
        found = self.resource.get("resourceType")
        return found if isinstance(found, str) else ""


def entries(path: Path) -> Iterator[Entry]:
    """ImportFileError where the file as a whole is no FHIR."""
    with path.open(encoding=ENCODING) as file:
        is_lines = is_ndjson(file)
        file.seek(0)
        yield from lines_of(file) if is_lines else bundled(Scanner(file))


def is_ndjson(file: TextIO) -> bool:
    """Whether the first line is a whole resource, and no Bundle."""
    line = "\n"
    while line and not line.strip():
        line = file.readline(_LONGEST_FIRST_LINE)
    if len(line) == _LONGEST_FIRST_LINE:
        return False
    try:
        first = _DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.get("resourceType") != "Bundle"


def lines_of(file: TextIO) -> Iterator[Entry]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield line_entry(number, line)


def line_entry(number: int, line: str) -> Entry:
    try:
        found = _DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return Entry(number, {}, problem="This line is not valid JSON.")
    if not isinstance(found, dict):
        return Entry(number, {}, problem="This line is no resource.")
    return entry_of(number, found)


def entry_of(number: int, resource: dict[str, Any], full_url: str = "") -> Entry:
    found = Entry(number, resource, full_url)
    if found.type:
        return found
    return Entry(number, {}, full_url, "It does not say its resourceType.")


def bundled(scanner: "Scanner") -> Iterator[Entry]:
    """The entries of a Bundle; another resource by itself is the only one."""
    rest: dict[str, Any] = {}
    number = 0
    if scanner.peek() != "{":
        raise ImportFileError(
            "This is a JSON list. A FHIR file is a Bundle, or has a resource a line."
        )
    scanner.expect("{")
    for key in scanner.members():
        is_bundle = rest.get("resourceType", "Bundle") == "Bundle"
        if key == "entry" and is_bundle and scanner.peek() == "[":
            for value in scanner.items():
                number += 1
                yield bundle_entry(number, value)
        else:
            rest[key] = scanner.value()
    scanner.finish()
    if not number and rest.get("resourceType") != "Bundle":
        yield entry_of(1, rest)


def bundle_entry(number: int, value: object) -> Entry:
    if not isinstance(value, dict) or not isinstance(value.get("resource"), dict):
        return Entry(number, {}, problem="This entry holds no resource.")
    url = value.get("fullUrl", "")
    return entry_of(number, value["resource"], url if isinstance(url, str) else "")


class Scanner:
    """Reads JSON value by value; holds one value and the piece it was found in."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._is_over = False

    def peek(self) -> str:
        """The next character that is not white space; nothing at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or self._is_over:
                return self._text[self._at : self._at + 1]
            self._read(_AT_ONCE)

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise broken(f"{sign} is missing")
        self._at += 1

    def members(self) -> Iterator[str]:
        """The keys of an object whose { was read; the value of each is read next."""
        while self.peek() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise broken("a name is missing")
            self.expect(":")
            yield key
            self._next_or("}")
        self._at += 1

    def items(self) -> Iterator[object]:
        self.expect("[")
        while self.peek() != "]":
            yield self.value()
            self._next_or("]")
        self._at += 1

    def _next_or(self, end: str) -> None:
        if self.peek() == ",":
            self._at += 1
            if self.peek() == end:
                raise broken("there is a comma too many")
        elif self.peek() != end:
            raise broken(f"a comma or {end} is missing")

    def finish(self) -> None:
        if self.peek():
            raise broken("there is something after its end")

    def value(self) -> Any:
        self.peek()
        size = _AT_ONCE
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_over or not self._may_go_on(error):
                    raise broken(error.msg) from None
            except (ValueError, RecursionError):
                raise broken("a number or a nesting is too long") from None
            else:
                if end < len(self._text) or self._is_over:
                    self._at = end
                    return value
            # Twice as much each time, so that one long value is not read over again
            # and again.
            self._read(size)
            size *= 2

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        is_open = error.msg.startswith("Unterminated string")
        return is_open or error.pos > len(self._text) - _LONGEST_TOKEN

    def _read(self, size: int) -> None:
        more = self._file.read(size)
        self._is_over = not more
        self._text = self._text[self._at :] + more
        self._at = 0


def broken(problem: str) -> ImportFileError:
    return ImportFileError(
        f"The file is not valid JSON ({problem}). Export it again; it may have been "
        "cut off."
    )
