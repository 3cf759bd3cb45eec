"""Reads data/fields.csv; whoever edits it is told the row and what to write."""

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from plans.procedures import conditions
from plans.procedures.catalogue_field import (
    CHOSEN,
    GROUPS,
    LEVELS,
    TABLES,
    TYPES,
    UNITS,
    Field,
)
from plans.procedures.conditions import Condition

COLUMNS = (
    "table",
    "column",
    "group",
    "label",
    "type",
    "unit",
    "low",
    "high",
    "choices",
    "level",
    "asked_if",
    "required_if",
    "usual",
    "later",
    "basis",
    "sources",
)
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
ALWAYS, OFFERED, NEVER = ("yes", "offer", "no")
# Learnt when it ends, whenever that is; other fields name the day after it was done.
AT_THE_END = "end"
# What a condition can ask about beside the columns.
AROUND = ("modality", "was_stopped")


def read_fields(path: Path, sources: Collection[str]) -> tuple[Field, ...]:
    """The rows of the file; an error names the file, its line and the column."""
    used: set[tuple[str, str]] = set()
    read: list[Field] = []
    for row in reference_data.read_csv(path, COLUMNS):
        field = _read(row, sources)
        if (field.table, field.column) in used:
            raise row.error("column", f"{field.column} stands twice in {field.table}.")
        used.add((field.table, field.column))
        read.append(field)
        row.finish()
    _check_names(path, read)
    return tuple(read)


def _read(row: Entry, sources: Collection[str]) -> Field:
    kind = row.choice("type", TYPES)
    has_condition = bool(row.optional_text("required_if"))
    return Field(
        table=row.choice("table", TABLES),
        column=row.text("column"),
        group=row.choice("group", GROUPS),
        label=row.text("label"),
        type=kind,
        unit=_unit(row),
        low=_bound(row, "low"),
        high=_bound(row, "high"),
        choices=_choices(row, kind),
        level=row.choice("level", LEVELS),
        asked_if=_condition(row, "asked_if"),
        required_if=_condition(row, "required_if") if has_condition else None,
        usual_if=_usual(row),
        is_offered=row.text("usual") == OFFERED,
        is_later=row.text("later") != NEVER,
        later_days=_later_days(row),
        basis=row.optional_text("basis"),
        sources=_sources(row, sources),
    )


def _unit(row: Entry) -> str:
    unit = row.optional_text("unit")
    if unit not in UNITS:
        raise row.error("unit", f"{unit!r} has no words in UNITS.")
    return unit


def _bound(row: Entry, key: str) -> Decimal | None:
    text = row.optional_text(key)
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise row.error(key, f"must be a number, not {text!r}.") from None


def _choices(row: Entry, kind: str) -> dict[str, str]:
    text = row.optional_text("choices")
    if bool(text) != (kind in CHOSEN):
        raise row.error("choices", "a choice has some, and nothing else has any.")
    choices: dict[str, str] = {}
    for part in text.split("|") if text else []:
        key, _, label = part.partition("=")
        if not KEY.fullmatch(key) or key in choices:
            raise row.error("choices", f"{key!r} is no key, or stands twice.")
        choices[key] = label or key.replace("_", " ")
    return choices


def _condition(row: Entry, key: str) -> Condition:
    try:
        return conditions.parse(row.optional_text(key))
    except ValueError as error:
        raise row.error(key, str(error)) from None


def _usual(row: Entry) -> Condition | None:
    """`yes`, `offer`, `no`, or when: counts are usual only where the kit promises."""
    said = row.text("usual")
    if said == NEVER:
        return None
    is_always = said in (ALWAYS, OFFERED)
    return conditions.parse("") if is_always else _condition(row, "usual")


def _later_days(row: Entry) -> int:
    """`no`, `end`, or the days after it was done from which it can be known."""
    said = row.text("later")
    if said in (NEVER, AT_THE_END):
        return 0
    if not said.isdecimal() or int(said) == 0:
        raise row.error("later", f"must be no, end or a number of days, not {said!r}.")
    return int(said)


def _sources(row: Entry, known: Collection[str]) -> tuple[str, ...]:
    keys = tuple(key for key in row.optional_text("sources").split(";") if key)
    for key in keys:
        if key not in known:
            raise row.error("sources", f"{key} is not in sources.csv.")
    return keys


def _check_names(path: Path, read: list[Field]) -> None:
    """A condition that names no column would hide its field for ever."""
    known = {field.column for field in read} | set(AROUND)
    for field in read:
        for condition in (field.asked_if, field.required_if, field.usual_if):
            for name in condition.names if condition else ():
                if name not in known:
                    raise reference_data.ReferenceDataError(
                        f"{path.name}, {field.table}.{field.column}: no field is "
                        f"called {name!r}; see its conditions."
                    )
