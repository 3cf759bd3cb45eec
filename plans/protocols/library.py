"""The starter protocols: what is done, and when the patient is asked how it went.

A protocol's file names the cadence it follows, and all climb the same ladder.
"""

import functools
from pathlib import Path
from typing import Any

from clinic import reference_data
from clinic.reference_data import Entry, ReferenceDataError
from plans.protocols import checks, citations, documents
from plans.protocols.definition import MODALITIES, ProtocolDefinition

DATA = citations.DATA
sources = citations.sources
# The starters of one treatment each, by which the demo and the examples go.
BASIC = MODALITIES[:-1]
Rows = list[dict[str, Any]]


def load_all() -> list[ProtocolDefinition]:
    """The basic ones first, then the rest by title; read once a process."""
    return list(_library())


@functools.cache
def _library() -> tuple[ProtocolDefinition, ...]:
    found = map(load, (DATA / "protocols").glob("*.toml"))
    return tuple(sorted(found, key=_place))


def _place(protocol: ProtocolDefinition) -> tuple[int, str]:
    is_basic = protocol.key in BASIC
    return (BASIC.index(protocol.key) if is_basic else len(BASIC), protocol.title)


def load(path: Path) -> ProtocolDefinition:
    """One protocol file; ReferenceDataError names the file and every place at fault."""
    entry = reference_data.read_toml(path)
    key = entry.choice("key", [path.stem])
    version = entry.integer("version")
    content = {
        name: entry.value(name) for name in entry if name not in ("key", "version")
    }
    content["timepoints"] = _asked(entry, content.pop("cadence", []), content)
    content.setdefault("rungs", ladder())
    reading = documents.read(content, key=key, version=version)
    problems = checks.problems(reading)
    if problems:
        lines = "\n".join(f"{path.name}, {problem}" for problem in problems)
        raise ReferenceDataError(lines)
    return reading.definition


def _asked(entry: Entry, named: object, content: dict[str, Any]) -> Any:
    """The time points of the cadences, whole or one of them, and the file's own."""
    own = content.get("timepoints", [])
    if not isinstance(named, list) or not isinstance(own, list):
        return own if isinstance(named, list) else named
    rows: Rows = []
    for name in named:
        cadence, _, key = str(name).partition(".")
        found = [row for row in cadences().get(cadence, []) if key in ("", row["key"])]
        if not found:
            raise entry.error("cadence", f"{name!r} is not in cadences.csv.")
        rows += found
    return [*rows, *own]


_CADENCE = tuple(field.name for field in documents.TIMEPOINTS)
_LADDER = ("is_safety", "after_days", "channel")


@functools.cache
def cadences() -> dict[str, Rows]:
    """Rows of time points by the cadence that they are of."""
    found: dict[str, Rows] = {}
    columns = ("cadence", *_CADENCE)
    for entry in reference_data.read_csv(DATA / "cadences.csv", columns):
        row = _typed(entry, documents.TIMEPOINTS)
        found.setdefault(entry.text("cadence"), []).append(row)
    return found


@functools.cache
def ladder() -> Rows:
    """The reminders of every starter; a clinic's own draft may change them."""
    entries = reference_data.read_csv(DATA / "ladder.csv", _LADDER)
    return [_typed(entry, documents.RUNGS) for entry in entries]


def _typed(entry: Entry, fields: tuple[documents.Field, ...]) -> dict[str, Any]:
    """A CSV row, all text, as a document has it."""
    return {field.name: _cell(entry, field) for field in fields}


def _cell(entry: Entry, field: documents.Field) -> Any:
    if field.kind == "flag":
        return entry.flag(field.name)
    text = entry.optional_text(field.name)
    if field.kind == "list":
        return [part for part in text.split(";") if part]
    if field.kind != "number":
        return text
    try:
        return int(text)
    except ValueError:
        raise entry.error(
            field.name, f"must be a whole number, not {text!r}."
        ) from None
