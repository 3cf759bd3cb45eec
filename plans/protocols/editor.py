"""The form of a draft: what was posted as a document, and a document as fields.

Whatever was typed stays as typed; what is wrong with it is told beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from plans.models import (
    Anchor,
    Comparison,
    Modality,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.protocols import definition, documents, library, measures
from plans.protocols.documents import Field
from plans.protocols.problems import Problem

Rows = list[dict[str, Any]]
LONG = 200
# A document's row number in a name would move on when one before it is removed.
ROW_NAME = "{section}-{place}-{field}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the form."""

    name: str
    label: str
    kind: str
    value: Any
    choices: list[tuple[str, str]]
    help: str
    longest: int
    errors: list[str]

    @property
    def is_long(self) -> bool:
        return self.kind == "text" and self.longest > LONG

    @property
    def width(self) -> str:
        """How much of a row it takes."""
        if self.is_long:
            return "full"
        if self.kind == "list" or self.longest == LONG:
            return "wide"
        return "short" if self.kind in ("number", "amount") else "middle"


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    place: int
    title: str
    cells: list[Cell]
    errors: list[str]

    @property
    def is_faulty(self) -> bool:
        return bool(self.errors) or any(cell.errors for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    one: str
    note: str
    rows: list[Row]
    errors: list[str] = field(default_factory=list)


SECTIONS = {
    "steps": (
        "What is done",
        "step",
        "Days count from the plan’s start, or from the last repeat of the step it "
        "comes after. A short name that is left empty is made from the title.",
    ),
    "timepoints": (
        "When the patient is asked",
        "time point",
        "Days count from day 0; minus is before. The window includes both its ends. "
        "What is asked and cited is named by keys, with commas; they stand below.",
    ),
    "goals": ("What is aimed at", "goal", "The day counts from day 0."),
    "rungs": (
        "How a silent patient is reminded",
        "reminder",
        "Days after the patient was asked; of the three-tap rescue, days before the "
        "window closes. What does not fit the window falls away.",
    ),
}
LABELS = {
    "key": "Short name",
    "title": "Title",
    "modality": "Kind of treatment",
    "condition": "Written for",
    "summary": "Summary",
    "anchor": "Day 0 is",
    "sources": "Sources",
    "kind": "More exactly",
    "after": "Comes after",
    "offset_days": "Day",
    "repeats": "Times",
    "every_days": "Days between",
    "who": "Who",
    "is_index": "Day 0 of the follow-up",
    "detail": "What to do and record",
    "label": "Name",
    "open_day": "Opens on day",
    "close_day": "Closes on day",
    "ask_day": "Asked on day",
    "is_baseline": "Baseline",
    "is_safety": "Safety check",
    "measures": "Asks for",
    "optional_measures": "And, if wanted",
    "purpose": "Purpose",
    "grounding": "Why then",
    "status": "How sure",
    "measure": "Measure",
    "comparison": "Target is",
    "target": "Value",
    "by_day": "By day",
    "words": "In words",
    "channel": "By",
    "after_days": "After days",
}
HELP = {"after": "short name of another step"}
WHO = {
    "steps": ProtocolStep.Who.choices,
    "timepoints": Timepoint.Who.choices,
}


def _choices(section: str, name: str) -> list[tuple[Any, Any]]:
    known: dict[str, list[tuple[Any, Any]]] = {
        "modality": Modality.choices,
        "condition": list(definition.CONDITIONS.items()),
        "anchor": Anchor.choices,
        "status": Timepoint.Grounded.choices,
        "comparison": Comparison.choices,
        "channel": ReminderRung.Channel.choices,
        "who": list(WHO.get(section, [])),
        "measure": [(key, one.name) for key, one in measures.known().items()],
    }
    return known.get(name, [])


# --- What was posted ----------------------------------------------------------------


def posted(data: QueryDict) -> dict[str, Any]:
    """The document that the form holds, each value as its field means it."""
    content = {each.name: _typed(data, each.name, each) for each in documents.HEAD}
    for section, (fields, _, most) in documents.SECTIONS.items():
        content[section] = _posted_rows(data, section, fields, most)
    return content


def _posted_rows(
    data: QueryDict, section: str, fields: tuple[Field, ...], most: int
) -> Rows:
    places = [p for p in range(most) if f"{section}-{p}-row" in data]
    return [
        {
            each.name: _typed(data, _name(section, place, each.name), each)
            for each in fields
        }
        for place in places
    ]


def _name(section: str, place: int, field_name: str) -> str:
    return ROW_NAME.format(section=section, place=place, field=field_name)


def _typed(data: QueryDict, name: str, each: Field) -> Any:
    if each.kind == "flag":
        return name in data
    text = data.get(name, "").strip()
    if each.kind == "list":
        return [part for part in text.replace(",", " ").split() if part]
    if each.kind == "number":
        return _whole(text)
    # A browser sends the ends of lines as two characters.
    return text.replace("\r\n", "\n")


def _whole(text: str) -> Any:
    """The number, or what was typed instead of one."""
    digits = text.removeprefix("-")
    is_one = digits.isascii() and digits.isdecimal() and len(digits) <= 6
    return int(text) if is_one else text


def changed_rows(content: dict[str, Any], act: str) -> tuple[dict[str, Any], str]:
    """The document after "add-steps", "remove-steps-3" or "up-steps-3", and where."""
    verb, _, rest = act.partition("-")
    section, _, number = rest.partition("-")
    if section not in documents.SECTIONS:
        return content, ""
    rows = list(content[section])
    place = int(number) - 1 if number.isascii() and number.isdecimal() else -1
    if verb == "add" and len(rows) < documents.SECTIONS[section][2]:
        rows.append({})
        place = len(rows) - 1
    elif verb == "remove" and 0 <= place < len(rows):
        del rows[place]
        place = min(place, len(rows) - 1)
    elif verb == "up" and 0 < place < len(rows):
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        place -= 1
    where = f"{section}-{place}" if rows else section
    return {**content, section: rows}, where


# --- What is shown ------------------------------------------------------------------


def head(content: Mapping[str, Any], problems: Iterable[Problem]) -> list[Cell]:
    told = [p for p in problems if not p.section]
    return [_cell("", each.name, each, content, told) for each in documents.HEAD]


def sections(content: Mapping[str, Any], problems: Iterable[Problem]) -> list[Section]:
    told = list(problems)
    return [_section(name, content, told) for name in documents.SECTIONS]


def _section(name: str, content: Mapping[str, Any], told: list[Problem]) -> Section:
    title, one, note = SECTIONS[name]
    own = [p for p in told if p.section == name]
    rows = [
        _row(name, number, row, [p for p in own if p.number == number])
        for number, row in enumerate(content.get(name) or [], start=1)
    ]
    whole = [p.words for p in own if not p.number]
    return Section(name, title, one, note, rows, whole)


def _row(section: str, number: int, row: Mapping[str, Any], told: list[Problem]) -> Row:
    fields = documents.SECTIONS[section][0]
    names = {each.name for each in fields}
    cells = [
        _cell(section, _name(section, number - 1, each.name), each, row, told)
        for each in fields
    ]
    title = row.get("title") or row.get("label") or ""
    rest = [str(p) for p in told if p.field not in names]
    return Row(number, number - 1, str(title), cells, rest)


def _cell(
    section: str,
    name: str,
    each: Field,
    row: Mapping[str, Any],
    told: list[Problem],
) -> Cell:
    value = row.get(each.name, "" if each.is_needed else each.default)
    choices = _choices(section, each.name)
    if choices and (each.default == "" or each.is_needed):
        choices = [("", "any" if each.name == "condition" else "choose"), *choices]
    return Cell(
        name=name,
        label=LABELS[each.name],
        kind="choice" if choices else each.kind,
        value=", ".join(map(str, value)) if isinstance(value, list | tuple) else value,
        choices=choices,
        help=HELP.get(each.name, ""),
        longest=each.longest,
        errors=[p.words for p in told if p.field == each.name],
    )


def vocabulary() -> dict[str, Any]:
    """What the keys of a draft mean, shown below its form."""
    return {
        "measures": list(measures.vocabulary().values()),
        "sources": list(library.sources().values()),
    }
