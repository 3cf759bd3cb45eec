"""A protocol as a plain document (TOML, JSON, a draft), read with all its faults.

Every field has one row in the tables below: what it holds and how much.
"""

import dataclasses
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from clinic import reference_data
from plans.protocols import definition, yearly
from plans.protocols.definition import (
    GoalDefinition,
    ProtocolDefinition,
    RungDefinition,
    StepDefinition,
    TimepointDefinition,
)
from plans.protocols.problems import Problem

KEY = re.compile(r"[-a-zA-Z0-9_]+")
# Three years and a half is the longest that is treated or aimed at.
LAST_DAY = 1300
# Ten years and the rest of their window: no longer is anybody asked.
LAST_ASKED = 3800
FIRST_DAY = -365
MOST_AMOUNT = Decimal("999999.99")


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is key, text, number, amount, flag or list."""

    name: str
    kind: str = "text"
    longest: int = 0
    choices: Collection[str] = ()
    lowest: int = 0
    highest: int = 0
    default: Any = None

    @property
    def is_needed(self) -> bool:
        return self.default is None


def _days(
    name: str, lowest: int = FIRST_DAY, highest: int = LAST_DAY, default: Any = None
) -> Field:
    return Field(name, "number", lowest=lowest, highest=highest, default=default)


def _asked(name: str) -> Field:
    return _days(name, highest=LAST_ASKED)


def _key(name: str, default: Any = None) -> Field:
    return Field(name, "key", longest=40, default=default)


HEAD = (
    Field("title", longest=120),
    Field("modality", choices=definition.MODALITIES),
    Field("condition", choices=tuple(definition.CONDITIONS), default=""),
    Field("summary", longest=1000),
    Field("anchor", choices=definition.ANCHORS),
    Field("sources", "list", longest=20, default=()),
    Field("yearly_until", "number", highest=yearly.LAST_YEAR, default=0),
)
STEPS = (
    _key("key"),
    Field("title", longest=120),
    Field("modality", choices=definition.MODALITIES),
    Field("kind", longest=40, default=""),
    _key("after", default=""),
    _days("offset_days"),
    Field("repeats", "number", lowest=1, highest=60, default=1),
    Field("every_days", "number", highest=365, default=0),
    Field("who", choices=definition.DOERS, default="provider"),
    Field("is_index", "flag", default=False),
    Field("detail", longest=1000, default=""),
)
TIMEPOINTS = (
    _key("key"),
    Field("label", longest=40),
    _asked("offset_days"),
    _asked("open_day"),
    _asked("close_day"),
    _asked("ask_day"),
    Field("who", choices=definition.RESPONDENTS, default="patient"),
    Field("is_baseline", "flag", default=False),
    Field("is_safety", "flag", default=False),
    Field("measures", "list", longest=20, default=()),
    Field("optional_measures", "list", longest=20, default=()),
    Field("purpose", longest=200),
    Field("grounding", longest=200, default=""),
    Field("status", choices=definition.STATUSES, default="policy"),
    Field("sources", "list", longest=10, default=()),
)
GOALS = (
    _key("measure"),
    Field("comparison", choices=definition.COMPARISONS),
    Field("target", "amount"),
    _days("by_day", lowest=1),
    Field("words", longest=200, default=""),
)
RUNGS = (
    Field("channel", choices=definition.CHANNELS),
    Field("after_days", "number", highest=90),
    Field("is_safety", "flag", default=False),
)
# A form of all these rows stays within the 1,000 fields that Django takes.
SECTIONS: dict[str, tuple[tuple[Field, ...], type, int]] = {
    "steps": (STEPS, StepDefinition, 25),
    "timepoints": (TIMEPOINTS, TimepointDefinition, 25),
    "goals": (GOALS, GoalDefinition, 12),
    "rungs": (RUNGS, RungDefinition, 20),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`unread` are the rows with a fault of their own; a check of days skips them."""

    definition: ProtocolDefinition
    problems: list[Problem]
    unread: frozenset[tuple[str, int]]


def read(content: Mapping[str, Any], *, key: str, version: int) -> Reading:
    """The protocol with a default for whatever cannot be read, and what that was."""
    problems = list(_unknown(content, [f.name for f in HEAD] + list(SECTIONS), "", 0))
    head = _values(content, HEAD, "", 0, problems)
    rows: dict[str, Any] = {name: _rows(content, name, problems) for name in SECTIONS}
    # A section without a number is at fault as a whole, and has no rows.
    unread = {(p.section, p.number) for p in problems if p.number}
    read_definition = ProtocolDefinition(key=key, version=version, **head, **rows)
    return Reading(
        read_definition, problems, cast(frozenset[tuple[str, int]], frozenset(unread))
    )


def write(protocol: ProtocolDefinition) -> dict[str, Any]:
    """The document that `read` makes the same protocol from: plain JSON."""
    content = dataclasses.asdict(protocol)
    del content["key"], content["version"]
    return cast(dict[str, Any], _plain(content))


@functools.lru_cache(maxsize=64)
def fingerprint(protocol: ProtocolDefinition) -> str:
    """SHA-256 over all that it says, in the order in which rows are stored."""
    content = write(protocol)
    content["timepoints"].sort(key=lambda row: (row["offset_days"], row["key"]))
    content["rungs"].sort(key=lambda row: bool(row["is_safety"]))
    # Those from before there was the choice keep the fingerprint they were given.
    if not content["yearly_until"]:
        del content["yearly_until"]
    named = {"key": protocol.key, "version": protocol.version}
    return reference_data.fingerprint(content | named)


def amount_in_words(amount: Decimal) -> str:
    """30, not 30.00; the same for a stored and a drafted target."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return amount_in_words(value)
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value


def _rows(
    content: Mapping[str, Any], section: str, problems: list[Problem]
) -> tuple[Any, ...]:
    fields, made_of, most = SECTIONS[section]
    rows = content.get(section, [])
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        problems.append(Problem("must be a list of tables.", section=section))
        return ()
    if len(rows) > most:
        problems.append(
            Problem(f"at most {most} are taken, not {len(rows)}.", section=section)
        )
    found = []
    for number, row in enumerate(rows[:most], start=1):
        names = [field.name for field in fields]
        problems.extend(_unknown(row, names, section, number))
        found.append(made_of(**_values(row, fields, section, number, problems)))
    return tuple(found)


def _unknown(
    row: Mapping[str, Any], names: list[str], section: str, number: int
) -> Iterator[Problem]:
    for name in row:
        if name not in names:
            known = ", ".join(sorted(names))
            words = f"unknown key; known here: {known}."
            yield Problem(words, str(name), section, number or None)


def _values(
    row: Mapping[str, Any],
    fields: tuple[Field, ...],
    section: str,
    number: int,
    problems: list[Problem],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        try:
            values[field.name] = _value(row.get(field.name), field)
        except ValueError as error:
            problems.append(Problem(str(error), field.name, section, number or None))
            values[field.name] = _stand_in(field)
    return values


_STAND_INS = {"number": 0, "amount": Decimal(0), "flag": False, "list": ()}


def _stand_in(field: Field) -> Any:
    return _STAND_INS.get(field.kind, "") if field.is_needed else field.default


def _value(value: Any, field: Field) -> Any:
    if value is None or value == "" or value == []:
        if field.is_needed:
            raise ValueError("missing or empty.")
        return field.default
    return _READERS[field.kind](value, field)


def _text(value: Any, field: Field) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {value!r}.")
    if "\x00" in value:
        raise ValueError("holds a character that cannot be stored.")
    if value != value.strip():
        raise ValueError("remove the spaces around the text.")
    if field.choices and value not in field.choices:
        raise ValueError(f"{value!r} is not one of {', '.join(field.choices)}.")
    if field.longest and len(value) > field.longest:
        raise ValueError(f"use at most {field.longest} characters.")
    return value


def _key_of(value: Any, field: Field) -> str:
    text = _text(value, field)
    if not KEY.fullmatch(text):
        raise ValueError("use letters a to z, digits, hyphen and underscore only.")
    return text


def _number(value: Any, field: Field) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {value!r}.")
    if not field.lowest <= value <= field.highest:
        raise ValueError(f"must be from {field.lowest} to {field.highest}.")
    return value


def _amount(value: Any, field: Field) -> Decimal:
    """A number, or its text as JSON keeps it exactly."""
    try:
        amount = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise ValueError(f"must be a number, not {value!r}.")
    if not -MOST_AMOUNT <= amount <= MOST_AMOUNT or amount != round(amount, 2):
        raise ValueError("must be a number with at most two decimals.")
    return amount


def _flag(value: Any, field: Field) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be yes or no (true or false), not {value!r}.")
    return value


def _list(value: Any, field: Field) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(one, str) for one in value
    ):
        raise ValueError(f"must be a list of texts, not {value!r}.")
    if len(value) > field.longest:
        raise ValueError(f"name at most {field.longest}.")
    if len(set(value)) < len(value):
        raise ValueError("names one of them twice.")
    return tuple(_text(one, Field(field.name, longest=60)) for one in value)


_READERS = {
    "text": _text,
    "key": _key_of,
    "number": _number,
    "amount": _amount,
    "flag": _flag,
    "list": _list,
}
