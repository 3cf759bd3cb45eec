"""One line of the file, checked against the mapping; a fault refuses the line."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError

from outcomes.imports.mapping import Mapping, MeasureColumn
from outcomes.imports.mapping_file import EARLIEST
from outcomes.imports.refusals import Reason, RefusedRow
from patients.triage import complaints

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"([+-]?\d+)\.0+", re.ASCII)
# What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@")
_LONGEST_MRN, _LONGEST_NAME, _OLDEST = 40, 80, 120
_STORED = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says, in plain values; `point` is the place in the mapping.

    A cell is None where the measure was not answered.
    """

    number: int
    person: str
    point: int
    treatment: str
    start: str
    sex: str
    age: int | None
    birth_date: str
    given_name: str
    family_name: str
    pain_site: str
    side: str
    cells: Sequence[str | None]


def number(text: str) -> Decimal:
    """ValueError for anything but plain digits, one point and an exponent."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def stored(text: str) -> Decimal:
    """The number as the database keeps it, with six decimals."""
    return Decimal(text).quantize(_STORED)


class RowReader:
    """Turns the cells of one line into a Row; knows where each column stands."""

    def __init__(self, mapping: Mapping, header: Sequence[str], today: date) -> None:
        self.mapping = mapping
        self.today = today
        self.width = len(header)
        self._place = {column: n for n, column in enumerate(header)}
        self._measures = [(self._place[m.column], m) for m in mapping.measures]

    def read(self, row: int, line: Sequence[str]) -> Row:
        """RefusedRow says which column is at fault and why."""
        if len(line) != self.width:
            raise RefusedRow(
                Reason.COLUMNS, f"has {len(line)} columns, the header {self.width}"
            )
        cells = [cell.strip() for cell in line]
        person = self._person(cells)
        treatment = self._treatment(cells)
        start = self._start(cells)
        pain_site, side = self._complaint(cells)
        columns = self.mapping.person
        return Row(
            number=row,
            person=person,
            treatment=treatment,
            start=start.isoformat(),
            point=self._point(cells, start),
            sex=self._sex(cells),
            age=self._age(cells),
            birth_date=self._birth_date(cells, start),
            given_name=self._name(cells, columns.given_name),
            family_name=self._name(cells, columns.family_name),
            pain_site=pain_site,
            side=side,
            cells=[self._value(cells[at], measure) for at, measure in self._measures],
        )

    def _cell(self, cells: Sequence[str], column: str) -> str:
        """The text of a column; empty where it is missing or there is no column."""
        if not column:
            return ""
        text = cells[self._place[column]]
        return "" if text in self.mapping.csv.missing else text

    def _person(self, cells: Sequence[str]) -> str:
        columns = self.mapping.person
        text = self._cell(cells, columns.id)
        if not text:
            raise RefusedRow(Reason.NO_PERSON, f"{columns.id} is empty")
        if text.startswith(_FORMULA):
            raise RefusedRow(
                Reason.PERSON, f"{columns.id} {shown(text)} looks like a formula"
            )
        _check_characters(columns.id, text)
        if len(columns.mrn_prefix) + len(text) > _LONGEST_MRN:
            raise RefusedRow(
                Reason.PERSON,
                f"{columns.id} makes an MRN of more than {_LONGEST_MRN} characters",
            )
        return text

    def _name(self, cells: Sequence[str], column: str) -> str:
        """Kept as it is, also where it looks like a formula: nothing evaluates it."""
        text = self._cell(cells, column)
        _check_characters(column, text)
        if len(text) > _LONGEST_NAME:
            raise RefusedRow(
                Reason.NAME, f"{column} has more than {_LONGEST_NAME} characters"
            )
        return text

    def _treatment(self, cells: Sequence[str]) -> str:
        column, known = self.mapping.treatment_column, self.mapping.treatments
        text = self._cell(cells, column)
        if not text:
            raise RefusedRow(Reason.NO_TREATMENT, f"{column} is empty")
        found = known.get(text) or known.get(_whole(text))
        if found is None:
            raise RefusedRow(
                Reason.TREATMENT,
                f"{column} {shown(text)} is not one of {', '.join(known)}",
            )
        return found.key

    def _start(self, cells: Sequence[str]) -> date:
        fixed, column = self.mapping.start.date, self.mapping.start.column
        if fixed:
            return fixed
        text = self._cell(cells, column)
        if not text:
            raise RefusedRow(Reason.DATE, f"{column} is empty")
        return _date(column, text, until=self.today)

    def _point(self, cells: Sequence[str], start: date) -> int:
        column, known = self.mapping.time_column, self.mapping.point_of_code
        text = self._cell(cells, column)
        if not text:
            raise RefusedRow(Reason.NO_TIME, f"{column} is empty")
        found = known.get(text, known.get(_whole(text)))
        if found is None:
            raise RefusedRow(
                Reason.TIME, f"{column} {shown(text)} is not one of {', '.join(known)}"
            )
        point = self.mapping.points[found]
        day = start + timedelta(days=point.day)
        if day > self.today:
            raise RefusedRow(
                Reason.FUTURE,
                f"{point.label} of a start on {start} is {day}, which has not come",
            )
        return found

    def _sex(self, cells: Sequence[str]) -> str:
        columns = self.mapping.person
        text = self._cell(cells, columns.sex)
        if not text:
            return ""
        codes = columns.sex_codes
        found = codes.get(text) or codes.get(_whole(text))
        if found is None:
            raise RefusedRow(
                Reason.SEX,
                f"{columns.sex} {shown(text)} is not one of {', '.join(codes)}",
            )
        return found

    def _age(self, cells: Sequence[str]) -> int | None:
        column = self.mapping.person.age
        text = self._cell(cells, column)
        if not text:
            return None
        age = self._number(column, text)
        if not 0 <= age <= _OLDEST:
            raise RefusedRow(
                Reason.RANGE, f"{column} {shown(text)} is not from 0 to {_OLDEST}"
            )
        return int(age)

    def _birth_date(self, cells: Sequence[str], start: date) -> str:
        column = self.mapping.person.birth_date
        text = self._cell(cells, column)
        return _date(column, text, until=start).isoformat() if text else ""

    def _complaint(self, cells: Sequence[str]) -> tuple[str, str]:
        columns = self.mapping.complaint
        site = columns.pain_site or self._cell(cells, columns.pain_site_column)
        side = self._cell(cells, columns.side_column) or columns.side
        if columns.pain_site_column or columns.side_column:
            try:
                complaints.validate_site(site, side)
            except ValidationError as error:
                raise RefusedRow(Reason.SITE, " ".join(error.messages)) from None
        return site, side

    def _value(self, text: str, measure: MeasureColumn) -> str | None:
        if text in self.mapping.csv.missing:
            return None
        value = self._number(measure.column, text)
        if not measure.minimum <= value <= measure.maximum:
            raise RefusedRow(
                Reason.RANGE,
                f"{measure.column} {shown(text)} is not from "
                f"{measure.minimum} to {measure.maximum}",
            )
        return str(value)

    def _number(self, column: str, text: str) -> Decimal:
        decimal = self.mapping.csv.decimal
        try:
            return number(text if decimal == "." else text.replace(decimal, "."))
        except ValueError:
            hint = "; write 2.5, or set decimal under [csv]" if "," in text else ""
            raise RefusedRow(
                Reason.NUMBER, f"{column} {shown(text)} is not a number{hint}"
            ) from None


def shown(text: str) -> str:
    """A cell for a message: quoted, on one line, and not longer than needed."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _whole(text: str) -> str:
    """A code such as 1.0, which a column of whole numbers with holes is saved as."""
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def _date(column: str, text: str, *, until: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise RefusedRow(
            Reason.DATE, f"{column} {shown(text)} is not a date such as 2024-05-31"
        ) from None
    if not EARLIEST <= found <= until:
        raise RefusedRow(
            Reason.DATE, f"{column} {found} is not from {EARLIEST} to {until}"
        )
    return found


def _check_characters(column: str, text: str) -> None:
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise RefusedRow(
            Reason.CONTROL, f"{column} holds a control character: {shown(text)}"
        )
