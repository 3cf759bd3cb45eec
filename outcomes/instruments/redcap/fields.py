"""From the rows of a data dictionary to items as stored definitions hold them. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.brought import clean, is_name, number, plain
from outcomes.instruments.findings import Findings
from outcomes.instruments.redcap.table import Row

Content = dict[str, Any]
MOST_STEPS = 21
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PIPED = re.compile(r"\[[a-z][a-z0-9_:()-]*\]")
_WHOLE = re.compile(r"-?[0-9]{1,4}")
_ACTION = re.compile(r"@([A-Z][A-Z0-9-]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s@]+))?")
_NO_TEXT = {
    "file": "a file",
    "signature": "a signature",
    "sql": "a list from a database",
}
_FORMATS = {
    "email": "an e-mail address",
    "phone": "a telephone number",
    "zipcode": "a postal code",
    "ssn": "a social security number",
    "mrn_10d": "a record number",
    "vmrn": "a record number",
    "alpha_only": "letters only",
}
# The types whose choices, or whose validation and range, are read.
_WITH_CHOICES = ("radio", "dropdown", "checkbox", "slider", "calc")
_WITH_RANGE = ("text", "slider")
# How a list or a field looks.
_LOOKS = ("autocomplete", "number")
_HIDING = ("HIDDEN", "HIDDEN-SURVEY")
_RECKONING = ("CALCTEXT", "CALCDATE", "IF", "RICHTEXT-FIELD")


class Fields:
    """Reads one field after the other; logic comes once all are known."""

    def __init__(self, language: str, findings: Findings) -> None:
        self.language = language
        self.findings = findings
        self.known: dict[str, Content] = {}
        self.rows: dict[str, Row] = {}
        self._kinds: Mapping[str, Callable[[Content, Row], None]] = {
            "text": self._line,
            "notes": self._notes,
            "radio": self._choice,
            "dropdown": self._choice,
            "checkbox": self._boxes,
            "yesno": self._yes_no,
            "truefalse": self._true_false,
            "slider": self._slider,
            "calc": self._calculated,
            "descriptive": self._display,
        }

    def read(self, row: Row) -> Content | None:
        """The item of a row; None where it cannot be asked, as the findings say."""
        name = row["field"].lower()
        read = self._kinds.get(row["type"].lower())
        if not is_name(name):
            self.findings.refuse(row.name, "it has no field name of at most 60 letters")
            return None
        if name in self.known:
            self.findings.refuse(name, "the field stands twice", "Use each name once.")
            return None
        if read is None:
            what = _NO_TEXT.get(row["type"].lower(), f"the field type {row['type']!r}")
            self.findings.refuse(
                name, f"{what} is not supported", "Take the field out."
            )
            return None
        item: Content = {"link_id": name, "type": ""}
        label = self.text(row["label"], name)
        if label:
            item["text"] = self.words(label)
        else:
            self.findings.refuse(name, "its label is empty", "Give it a label.")
        self.known[name], self.rows[name] = item, row
        read(item, row)
        self._around(item, row)
        return item

    def words(self, text: str) -> dict[str, str]:
        return {self.language: text}

    def text(self, told: str, where: str) -> str:
        """Without tags; what would be filled in from other fields is named."""
        if _PIPED.search(told):
            self.findings.refuse(
                where, "its words take in another field", "Write the words themselves."
            )
        if _TAG.search(told):
            self.findings.note(where, "its formatting is not kept")
        spaced = re.sub(r"<\s*(br|p|div)[^<>]*>", "\n", told, flags=re.IGNORECASE)
        return clean(_TAG.sub("", spaced))

    def _around(self, item: Content, row: Row) -> None:
        if row["note"]:
            item["help"] = self.words(self.text(row["note"], item["link_id"]))
            if not item["help"][self.language]:
                del item["help"]
        is_asked = item["type"] not in (shape.DISPLAY, shape.BOXES)
        if row["required"].lower() != "y" and is_asked:
            item["is_optional"] = True
        if row["identifier"].lower() == "y":
            self.findings.note(
                item["link_id"],
                "it is marked as an identifier; here it is kept like any answer",
                "Leave it out: who answers is known.",
            )
        if row["ranking"].lower() == "y":
            self.findings.refuse(
                item["link_id"], "ranking within a matrix is not supported"
            )
        if row["number"]:
            self.findings.note(item["link_id"], "its question number is not shown")
        self._name_unread(item["link_id"], row)
        self._actions(item, row)
        for box in item.get("items", ()):
            # Nobody answers the boxes of a question that nobody answers.
            box |= {key: True for key in ("is_hidden", "is_read_only") if key in item}

    def _name_unread(self, name: str, row: Row) -> None:
        """What stands in columns that go with other types of fields."""
        kind = row["type"].lower()
        told = [] if kind in _WITH_CHOICES else ["choices"]
        told += [] if kind in _WITH_RANGE else ["validation", "minimum", "maximum"]
        for column in told:
            if row[column] and row[column].lower() not in _LOOKS:
                problem = f"its {column} {row[column][:40]!r} is not used"
                self.findings.note(name, f"{problem}, as it is {kind}")

    def _actions(self, item: Content, row: Row) -> None:
        name = item["link_id"]
        for match in _ACTION.finditer(row["annotation"]):
            tag, value = match.group(1), (match.group(2) or "").strip("'\"")
            if tag in _HIDING:
                item["is_hidden"] = True
            elif tag in ("READONLY", "READONLY-SURVEY"):
                item["is_read_only"] = True
            elif tag == "DEFAULT":
                self._initial(item, value)
            elif tag in _RECKONING:
                self.findings.refuse(name, f"@{tag} is not supported", "Take it out.")
            else:
                self.findings.note(name, f"@{tag} is not used")
        if row["annotation"] and not _ACTION.search(row["annotation"]):
            self.findings.note(name, "its annotation is not kept")

    def _initial(self, item: Content, value: str) -> None:
        if item["type"] == shape.BOXES:
            self._check_boxes(item, value)
            return
        for option in item.get("options", ()):
            if option.get("code") == value:
                item["initial"] = str(option["value"])
                return
        is_number = item["type"] in (*shape.NUMBERS, *shape.RATINGS, "yes_no")
        fits = number(value) is not None if is_number else bool(value)
        if item.get("options") or not fits:
            self.findings.refuse(
                item["link_id"], f"{value!r} is no answer to begin with"
            )
        else:
            item["initial"] = clean(value)

    def _check_boxes(self, item: Content, value: str) -> None:
        boxes = {box["code"]: box for box in item["items"]}
        for code in filter(None, map(str.strip, value.split(","))):
            if code in boxes:
                boxes[code]["initial"] = "1"
            else:
                self.findings.refuse(
                    item["link_id"], f"{code!r} is no choice to begin with"
                )

    # --- The types of fields ----------------------------------------------------------

    def _line(self, item: Content, row: Row) -> None:
        kind = row["validation"].lower()
        item["type"] = "line"
        if kind == "integer":
            item["type"] = "integer"
        elif kind.startswith("number"):
            item["type"] = "decimal"
            if kind not in ("number", "number_comma_decimal"):
                self.findings.note(item["link_id"], "its decimals are not checked")
        elif kind.startswith("datetime"):
            self.findings.refuse(
                item["link_id"], f"{kind} is not supported", "Ask for a date."
            )
        elif kind.startswith("date"):
            item["type"] = "date"
        elif kind.startswith("time"):
            item["type"] = "time"
        elif kind:
            what = _FORMATS.get(kind, kind)
            self.findings.note(item["link_id"], f"that it is {what} is not checked")
        self._range(item, row)

    def _range(self, item: Content, row: Row) -> None:
        for key in ("minimum", "maximum"):
            if not row[key]:
                continue
            value = number(row[key].replace(",", "."))
            if item["type"] not in (*shape.NUMBERS, shape.RATINGS[1]):
                self.findings.note(item["link_id"], f"its {key} is not checked")
            elif value is None:
                self.findings.refuse(
                    item["link_id"], f"its {key} {row[key]!r} is no number"
                )
            else:
                item[key] = plain(value)
        low, high = number(item.get("minimum")), number(item.get("maximum"))
        if low is not None and high is not None:
            if low > high:
                self.findings.refuse(
                    item["link_id"], "its minimum is above its maximum"
                )
            elif item["type"] == "integer" and (low, high) == (0, 10):
                item |= {"type": "rating", "step": 1}

    def _notes(self, item: Content, row: Row) -> None:
        item["type"] = "text"

    def _display(self, item: Content, row: Row) -> None:
        item["type"] = shape.DISPLAY

    def _yes_no(self, item: Content, row: Row) -> None:
        item["type"] = "yes_no"

    def _true_false(self, item: Content, row: Row) -> None:
        item["type"] = "choice"
        item["options"] = [
            {"value": value, "label": self.words(label), "code": str(value)}
            | {"weight": str(value)}
            for value, label in ((1, "True"), (0, "False"))
        ]

    def _slider(self, item: Content, row: Row) -> None:
        """Few steps are asked by radio buttons, 0 to 100 as a number."""
        low = number(row["minimum"]) if row["minimum"] else number(0)
        high = number(row["maximum"]) if row["maximum"] else number(100)
        item["type"] = "integer"
        if low is None or high is None or low >= high or low % 1 or high % 1:
            self.findings.refuse(item["link_id"], "its range is not two whole numbers")
            return
        item |= {"minimum": plain(low), "maximum": plain(high)}
        ends = [clean(part) for part in row["choices"].split("|")]
        if high - low < MOST_STEPS:
            item |= {"type": "rating", "step": 1}
            if len(ends) >= 2 and ends[0] and ends[-1]:
                item |= {"low": self.words(ends[0]), "high": self.words(ends[-1])}
        elif len(ends) >= 2 and (ends[0] or ends[-1]):
            said = f"{plain(low)} = {ends[0]}, {plain(high)} = {ends[-1]}"
            item["help"] = self.words(said)
        if len(ends) == 3 and ends[1]:
            self.findings.note(
                item["link_id"], "the words in the middle of its slider are not shown"
            )

    def _calculated(self, item: Content, row: Row) -> None:
        item["type"] = "decimal"

    def _choice(self, item: Content, row: Row) -> None:
        item["type"] = "choice"
        item["options"] = self._options(item["link_id"], row)
        if len(item["options"]) == 1:
            self.findings.refuse(item["link_id"], "it has only one choice")

    def _boxes(self, item: Content, row: Row) -> None:
        item["type"] = shape.BOXES
        name = item["link_id"]
        item["items"] = [
            {
                "link_id": f"{name}/{option['code']}",
                "type": "yes_no",
                "text": dict(option["label"]),
                "code": option["code"],
            }
            for option in self._options(name, row)
        ]
        for box in item["items"]:
            if not is_name(box["link_id"]):
                self.findings.refuse(
                    name, f"the choice {box['code']} has too long a name"
                )
            self.known[box["link_id"]] = box

    def _options(self, name: str, row: Row) -> list[Content]:
        found: dict[str, Content] = {}
        separator = "|" if "|" in row["choices"] else "\n"
        parts = [part.strip() for part in row["choices"].split(separator)]
        for part in filter(None, parts):
            code, _, label = (piece.strip() for piece in part.partition(","))
            text = self.text(label, name)
            if not is_name(code) or not text:
                self.findings.refuse(
                    name,
                    f"the choice {part[:40]!r} is not “code, label”",
                    "Separate choices by |.",
                )
            elif code in found:
                self.findings.refuse(name, f"the choice {code} stands twice")
            else:
                found[code] = {"label": self.words(text), "code": code}
        if not found:
            self.findings.refuse(name, "it has no choices", "Write 0, No | 1, Yes.")
        return self._numbered(name, found)

    def _numbered(self, name: str, found: Mapping[str, Content]) -> list[Content]:
        """By their codes where all are whole numbers, else by their places."""
        are_numbers = all(_WHOLE.fullmatch(code) for code in found)
        are_numbers = are_numbers and len({int(c) for c in found}) == len(found)
        for place, (code, option) in enumerate(found.items(), 1):
            option["value"] = int(code) if are_numbers else place
            weight = number(code)
            if weight is not None:
                option["weight"] = plain(weight)
                if weight < 0:
                    self.findings.note(
                        name, f"the choice {code} counts {code} wherever it is added up"
                    )
        return list(found.values())
