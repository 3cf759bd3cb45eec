"""The form of a draft: what was posted as a document, and a document as fields.

Whatever was typed stays as typed; what is wrong with it is told beside it.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from plans.protocols import choices, documents, form_words, library, measures
from plans.protocols.choices import Choices
from plans.protocols.documents import Field
from plans.protocols.form_words import Fault
from plans.protocols.problems import Problem

Rows = list[dict[str, Any]]
WIDE, LONG = 120, 200
# A choice of more characters is cut in a narrow field.
NARROW = 16
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
        words = dict(self.choices)
        return ", ".join(words[key] for key in self.value)

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
        if self.kind in ("number", "amount"):
            return "short"
        longest = max((len(words) for _, words in self.choices), default=0)
        return "roomy" if longest > NARROW else "middle"


def _is_together(cell: Cell) -> bool:
    return cell.kind == "flag"


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    place: int
    title: str
    cells: list[Cell]
    errors: list[str]

    @property
    def groups(self) -> list[list[Cell]]:
        """Boxes to tick that follow each other stand together, one below the other."""
        groups = itertools.groupby(self.cells, key=_is_together)
        return [
            each
            for together, cells in groups
            for each in ([list(cells)] if together else [[cell] for cell in cells])
        ]

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


TICKED = ("measures", "optional_measures")
NOTHING_CHOSEN = {"condition": "any", "after": "the start", "kind": "any"}

# --- What was posted ----------------------------------------------------------------


def posted(data: QueryDict, held: Mapping[str, Any]) -> dict[str, Any]:
    """The document that the form holds, each value as its field means it.

    `held` is the document that the form was made of.
    """
    content = {each.name: _typed(data, each.name, each) for each in documents.HEAD}
    for section, (fields, _, most) in documents.SECTIONS.items():
        rows = _posted_rows(data, section, fields, most)
        if section == "timepoints":
            _keep_order(rows, held.get(section) or [])
        content[section] = list(rows.values())
    return content


def _posted_rows(
    data: QueryDict, section: str, fields: tuple[Field, ...], most: int
) -> dict[int, dict[str, Any]]:
    """By the place that each has on the page."""
    places = [p for p in range(most) if f"{section}-{p}-row" in data]
    return {
        place: {
            each.name: _typed(data, _name(section, place, each.name), each)
            for each in fields
        }
        for place in places
    }


def _keep_order(
    rows: Mapping[int, dict[str, Any]], held: Sequence[Mapping[str, Any]]
) -> None:
    """What is ticked, as the document had it, and what is new after that.

    A browser sends boxes in the order of the page: saving would reorder them all.
    """
    by_key = {row.get("key"): row for row in held if isinstance(row.get("key"), str)}
    for place, row in rows.items():
        at_place = held[place] if place < len(held) else {}
        before = by_key.get(row["key"], at_place)
        for name in TICKED:
            row[name] = _as_before(row[name], before.get(name))


def _as_before(values: list[str], before: Any) -> list[str]:
    if not isinstance(before, list):
        return values
    return sorted(
        values, key=lambda one: before.index(one) if one in before else len(before)
    )


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
    title, one, note = form_words.SECTIONS[name]
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
    offered = (steps or []) if is_step else choices.of(section, each.name)
    if kind == "list":
        value = _listed(value)
    if offered or is_step:
        kind = "several" if each.kind == "list" else "choice"
        offered = _with_unknown(offered, value)
    if kind == "choice" and (each.default == "" or each.is_needed):
        offered = [("", NOTHING_CHOSEN.get(each.name, "choose")), *offered]
    if kind == "list":
        value = ", ".join(value)
    return Cell(
        name=name,
        label=form_words.label(each.name, row),
        kind=kind,
        value=value,
        choices=offered,
        longest=each.longest,
        errors=[p.words for p in told if p.field == each.name],
    )


def _listed(value: Any) -> list[str]:
    """As texts, also where a document holds no list or more than texts."""
    held = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in held if one not in ("", None)]


def _with_unknown(offered: Choices, value: Any) -> Choices:
    """What a document says is shown, also where there is no such choice."""
    known = {key for key, _ in offered}
    unknown = [one for one in _listed(value) if one not in known]
    return [*offered, *((one, f"{one} (not known)") for one in unknown)]


def faults(content: Mapping[str, Any], problems: Iterable[Problem]) -> list[Fault]:
    return [form_words.fault(problem, content) for problem in problems]


def vocabulary() -> dict[str, Any]:
    """What the keys of a draft mean, shown below its form."""
    return {
        "measures": list(measures.vocabulary().values()),
        "sources": list(library.sources().values()),
    }
