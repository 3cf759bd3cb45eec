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
from plans.procedures import catalogue
from plans.protocols import definition, documents, library, measures
from plans.protocols.documents import Field
from plans.protocols.problems import Problem

Rows = list[dict[str, Any]]
Choices = list[tuple[str, str]]
WIDE, LONG = 120, 200
# A document's row number in a name would move on when one before it is removed.
ROW_NAME = "{section}-{place}-{field}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the form."""

    name: str
    label: str
    # As of the document's field; "choice" or "several" where there are choices.
    kind: str
    value: Any
    choices: Choices
    longest: int
    errors: list[str]

    @property
    def picked(self) -> str:
        """The words of what is ticked, for whoever has not opened the list."""
        return ", ".join(words for key, words in self.choices if key in self.value)

    @property
    def is_long(self) -> bool:
        return self.kind == "text" and self.longest > LONG

    @property
    def width(self) -> str:
        """How much of a row it takes."""
        if self.is_long:
            return "full"
        if self.kind == "several":
            return "half"
        if self.kind == "list" or self.longest >= WIDE:
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
        "Sources are named by keys, with commas; they stand below.",
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
NOTHING_CHOSEN = {"condition": "any", "after": "the start", "kind": "any"}
WHO = {
    "steps": ProtocolStep.Who.choices,
    "timepoints": Timepoint.Who.choices,
}


def _choices(section: str, name: str) -> list[tuple[Any, Any]]:
    asked = [(key, one.name) for key, one in measures.vocabulary().items()]
    known: dict[str, list[tuple[Any, Any]]] = {
        "kind": list(catalogue.by_column("other")["kind"].choices.items()),
        "measures": asked,
        "optional_measures": asked,
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
    if each.kind == "list":
        return ", ".join(data.getlist(name)).replace(",", " ").split()
    text = data.get(name, "").strip()
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
    held = content.get(name) or []
    steps = [_step_choice(row) for row in held if name == "steps"]
    rows = [
        _row(name, number, row, [p for p in own if p.number == number], steps)
        for number, row in enumerate(held, start=1)
    ]
    whole = [p.words for p in own if not p.number]
    return Section(name, title, one, note, rows, whole)


def _step_choice(row: Mapping[str, Any]) -> tuple[str, str]:
    key = str(row.get("key") or "")
    return key, str(row.get("title") or key)


def _row(
    section: str,
    number: int,
    row: Mapping[str, Any],
    told: list[Problem],
    steps: Choices,
) -> Row:
    fields = documents.SECTIONS[section][0]
    names = {each.name for each in fields}
    others = [step for step in steps if step[0] not in ("", row.get("key"))]
    cells = [
        _cell(section, _name(section, number - 1, each.name), each, row, told, others)
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
    steps: Choices | None = None,
) -> Cell:
    value = row.get(each.name, "" if each.is_needed else each.default)
    kind = each.kind
    is_step = each.name == "after"
    choices = (steps or []) if is_step else _choices(section, each.name)
    if choices or is_step:
        kind = "several" if each.kind == "list" else "choice"
        choices = _with_unknown(choices, value)
    if kind == "choice" and (each.default == "" or each.is_needed):
        choices = [("", NOTHING_CHOSEN.get(each.name, "choose")), *choices]
    if kind == "list":
        value = ", ".join(map(str, value))
    return Cell(
        name=name,
        label=LABELS[each.name],
        kind=kind,
        value=value,
        choices=choices,
        longest=each.longest,
        errors=[p.words for p in told if p.field == each.name],
    )


def _with_unknown(choices: Choices, value: Any) -> Choices:
    """What a document says is shown, also where there is no such choice."""
    held = value if isinstance(value, list | tuple) else [value]
    known = {key for key, _ in choices}
    unknown = [str(one) for one in held if one not in known and one != ""]
    return [*choices, *((one, f"{one} (not known)") for one in unknown)]


def vocabulary() -> dict[str, Any]:
    """What the keys of a draft mean, shown below its form."""
    return {
        "measures": list(measures.vocabulary().values()),
        "sources": list(library.sources().values()),
    }
