"""A form of a REDCap data dictionary becomes a definition. Pure.

Nothing is dropped silently: what cannot be asked is refused, and what is asked but not
wholly kept is noted, each by the name of its field.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from outcomes.instruments import brought, formulas
from outcomes.instruments.brought import NONE_OF_THESE, Brought, clean, is_name, key_of
from outcomes.instruments.definition import BOXES, DISPLAY, GROUP
from outcomes.instruments.findings import Findings
from outcomes.instruments.redcap import branching, calculations, logic, table
from outcomes.instruments.redcap.fields import Fields
from outcomes.instruments.redcap.logic import LogicError
from outcomes.instruments.redcap.table import Row

Content = dict[str, Any]
# The number of the record itself, which REDCap puts first.
_RECORD = re.compile(
    r"(record|study|participant|subject|patient|case)_?(id|no|nr|num|number)"
)


def forms(content: bytes) -> list[str]:
    """The names of its forms, in their order."""
    names = [row["form"] for row in table.rows(content, Findings())]
    return [name for name in dict.fromkeys(names) if name]


def read(
    content: bytes, *, form: str = "", key: str = "", language: str = "en"
) -> Brought:
    """One form; where a file holds several, the one that is named."""
    findings = Findings()
    rows = table.rows(content, findings)
    mine = _of_form(rows, form, findings)
    if not mine:
        if not findings.is_refused:
            findings.refuse("The file", "it holds no fields")
        return Brought(None, tuple(findings))
    fields = Fields(language, findings)
    items = _items(mine, rows[0], fields)
    _decide(fields, rows)
    brought.without_loops(items, findings)
    brought.without_rings(fields.known, findings)
    for item in brought.walk(items):
        if item["type"] == BOXES:
            item["none"] = {language: NONE_OF_THESE.get(language, NONE_OF_THESE["en"])}
    name = mine[0]["form"] or "questionnaire"
    whole: Content = {
        "key": key_of(key) or key_of(name) or "questionnaire",
        "version": 1,
        "title": {language: _title(name)},
        "languages": [language],
        "items": items,
    }
    return brought.finished(whole, findings, _scores(fields))


def _of_form(rows: Sequence[Row], form: str, findings: Findings) -> list[Row]:
    names = list(dict.fromkeys(row["form"] for row in rows))
    if form and form not in names:
        listed = ", ".join(filter(None, names))
        findings.refuse("The file", f"it has no form {form!r}; it has {listed}")
        return []
    if not form and len(names) > 1:
        findings.refuse(
            "The file",
            f"it holds {len(names)} forms: {', '.join(names)}",
            "Choose one of them by its name.",
        )
        return []
    return [row for row in rows if not form or row["form"] == form]


def _title(name: str) -> str:
    words = clean(name.replace("_", " ")).strip() or "Questionnaire"
    return words[:1].upper() + words[1 : brought.LONGEST_TITLE]


def _items(rows: Sequence[Row], first: Row, fields: Fields) -> list[Content]:
    """Fields in the sections that their headers open."""
    found: list[Content] = []
    inside = found
    for row in rows:
        if row is first and _RECORD.fullmatch(row["field"].lower()):
            fields.findings.note(
                row["field"], "the number of the record is known and is not asked"
            )
            continue
        header = row["section"]
        if header:
            inside = _section(row, fields, found)
        item = fields.read(row)
        if item is not None:
            _say_header(item, inside, found)
            inside.append(item)
    return [item for item in found if item["type"] != GROUP or item["items"]]


def _section(row: Row, fields: Fields, found: list[Content]) -> list[Content]:
    """What follows a header, until the next one."""
    text = fields.text(row["section"], row.name)
    name = f"{row['field'].lower()}/section"
    if not text or not is_name(name):
        return found
    group: Content = {"link_id": name, "type": GROUP, "text": fields.words(text)}
    group["items"] = []
    found.append(group)
    items: list[Content] = group["items"]
    return items


def _say_header(item: Content, inside: list[Content], found: list[Content]) -> None:
    """A page shows one question, so what is said of all stands at each."""
    group = next((each for each in found if each.get("items") is inside), None)
    if group is not None and item["type"] != DISPLAY:
        item.setdefault("help", dict(group["text"]))


def _decide(fields: Fields, rows: Sequence[Row]) -> None:
    """Branching logic and calculations, once all fields are known."""
    elsewhere = {row["field"].lower(): row["form"] for row in rows}
    for name, row in fields.rows.items():
        item = fields.known[name]
        if row["type"].lower() == "calc":
            _calculate(item, row, fields)
        if not row["branching"]:
            continue
        try:
            item |= branching.read(row["branching"], fields.known)
        except LogicError as error:
            said = _elsewhere(row["branching"], fields.known, elsewhere) or str(error)
            fields.findings.refuse(name, f"its branching logic: {said}")


def _elsewhere(
    text: str, known: Mapping[str, Content], forms_of: Mapping[str, str]
) -> str:
    """A field of another form, named with it."""
    try:
        named = logic.fields(logic.read(text))
    except LogicError:
        return ""
    for name in sorted(named - set(known)):
        if forms_of.get(name):
            return f"it hangs on [{name}] of the form {forms_of[name]}"
    return ""


def _calculate(item: Content, row: Row, fields: Fields) -> None:
    name = item["link_id"]
    try:
        expression = calculations.read(row["choices"], fields.known)
    except LogicError as error:
        fields.findings.refuse(
            name,
            f"its calculation: {error}",
            "Take the field out, and state the score when you publish.",
        )
        return
    fault = formulas.fault(expression)
    if fault:
        fields.findings.refuse(name, f"its calculation: {fault}")
        return
    item["formula"] = expression
    if calculations.leaves_blanks_out(row["choices"]):
        fields.findings.note(
            name, "blank answers are left out of its calculation, as REDCap does"
        )


def _scores(fields: Fields) -> list[Content]:
    """One for each calculated field that no other one is made of."""
    reckoned = {
        name: item for name, item in fields.known.items() if item.get("formula")
    }
    used = {
        other
        for name, item in reckoned.items()
        for other in formulas.questions_in(item["formula"], reckoned)
    }
    return [
        {
            "key": key_of(name) or "score",
            "name": next(iter(item.get("text", {"": name}).values()))[:120],
            "method": "formula",
            "formula": item["formula"],
            **(
                {"at_least": 1}
                if calculations.leaves_blanks_out(fields.rows[name]["choices"])
                else {}
            ),
        }
        for name, item in reckoned.items()
        if name not in used
    ]
