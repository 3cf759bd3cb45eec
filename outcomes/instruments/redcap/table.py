"""From the bytes of a data dictionary to its rows, by form. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from outcomes.instruments.brought import LARGEST, MOST_ITEMS
from outcomes.instruments.findings import Findings

# As REDCap exports them today, as its API names them, and as older versions did.
COLUMNS = {
    "field": ("Variable / Field Name", "field_name", "Field Name"),
    "form": ("Form Name", "form_name"),
    "section": ("Section Header", "section_header"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": (
        "Choices, Calculations, OR Slider Labels",
        "select_choices_or_calculations",
        "Choices OR Calculations",
        "Choices, Calculations, or Slider Labels",
    ),
    "note": ("Field Note", "field_note"),
    "validation": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
        "Text Validation Type",
    ),
    "minimum": ("Text Validation Min", "text_validation_min"),
    "maximum": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
    "required": ("Required Field?", "required_field"),
    "alignment": ("Custom Alignment", "custom_alignment"),
    "number": ("Question Number (surveys only)", "question_number"),
    "matrix": ("Matrix Group Name", "matrix_group_name"),
    "ranking": ("Matrix Ranking?", "matrix_ranking"),
    "annotation": ("Field Annotation", "field_annotation", "Misc"),
}
NEEDED = ("field", "type", "label")
SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_KNOWN = {name.lower(): column for column, names in COLUMNS.items() for name in names}
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Cells

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def name(self) -> str:
        return self["field"] or f"line {self.line}"


def rows(content: bytes, findings: Findings) -> list[Row]:
    """Every row under the headings; nothing where it is no data dictionary."""
    if len(content) > LARGEST:
        findings.refuse("The file", f"it is larger than {LARGEST // 1024 // 1024} MB")
        return []
    text = _text(content, findings)
    separator = _separator(text)
    try:
        found = list(_rows(text, separator, findings))
    except csv.Error as error:
        findings.refuse("The file", f"it is not valid CSV: {error}")
        return []
    if found and separator != ",":
        findings.note("The file", f"its columns are parted by {SEPARATORS[separator]}")
    if len(found) > MOST_ITEMS:
        findings.refuse("The file", f"it has {len(found)} fields; at most {MOST_ITEMS}")
        return []
    return found


def _text(content: bytes, findings: Findings) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.note(
            "The file",
            "it is not UTF-8 and was read as Latin-1",
            "Look whether accented letters are right.",
        )
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _separator(text: str) -> str:
    """The one under which most headings are known."""
    head = text[:20_000]

    def known(separator: str) -> int:
        try:
            first = next(
                csv.reader(io.StringIO(head, newline=""), delimiter=separator), []
            )
        except csv.Error:
            return 0
        return sum(_is_known(cell) for cell in first)

    return max(SEPARATORS, key=known)


def _is_known(heading: str) -> bool:
    return heading.strip().lower() in _KNOWN


def _rows(text: str, separator: str, findings: Findings) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    headings = [cell.strip() for cell in next(reader, [])]
    columns = [_KNOWN.get(heading.lower(), "") for heading in headings]
    for column in NEEDED:
        if column not in columns:
            findings.refuse(
                "The file",
                f"it has no column “{COLUMNS[column][0]}”, so it is no data dictionary",
                "Export the data dictionary from REDCap as CSV.",
            )
    if findings.is_refused:
        return
    for heading, column in zip(headings, columns, strict=True):
        if heading and not column:
            findings.note("The file", f"the column “{heading}” is not used")
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield _row(reader.line_num, columns, cells, findings)


def _row(
    line: int, columns: Sequence[str], cells: Sequence[str], findings: Findings
) -> Row:
    told = zip(columns, cells, strict=False)
    row = Row(line, {column: cell.strip() for column, cell in told if column})
    if len(cells) > len(columns):
        problem = f"it has {len(cells)} columns, but there are {len(columns)} headings"
        findings.refuse(row.name, problem)
    return row
