"""Which column of a schedule is what, and how a row of it becomes an appointment."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from clinic import clock, spreadsheets
from patients.appointments import kinds, times
from patients.appointments.draft import Draft
from patients.appointments.fields import CHOICES, FIELDS, Field, plain
from patients.models import Appointment
from patients.record.imports.mapping import MOST_WORDS, check_characters, word
from patients.record.imports.refusals import Problem, RefusedRowError, shown

SOURCE = "schedule"
_TEXTS = ("description", "location", "practitioner", "clinic")
_LENGTHS = {
    "identifier": 80,
    "mrn": 40,
    "description": 200,
    "location": 120,
    "practitioner": 120,
    "clinic": 120,
}


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns` is field -> column of the list; `words` is field -> word -> our value.

    `source` is the system that numbers the appointments: the same number of the same
    source is the same appointment.
    """

    columns: ReadOnly[str, str] = field(default_factory=dict)
    day_format: str = "YYYY-MM-DD"
    words: ReadOnly[str, ReadOnly[str, str]] = field(default_factory=dict)
    source: str = SOURCE

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: ReadOnly[str, Any]) -> "Mapping":
        return cls(**kept)

    def missing(self) -> list[Field]:
        """What has no column, and without which nobody knows who comes when."""
        needed = ["identifier", "mrn"]
        if "starts" not in self.columns:
            needed += ["day", "time"]
        return [FIELDS[key] for key in needed if key not in self.columns]


class RowReader:
    def __init__(
        self, mapping: Mapping, header: Sequence[str], *, zone: str, today: date
    ) -> None:
        self.mapping = mapping
        self._zone, self._today = zone, today
        self._width = len(header)
        self._place = {
            key: header.index(column)
            for key, column in mapping.columns.items()
            if column in header
        }

    def cell(self, cells: Sequence[str], key: str) -> str:
        place = self._place.get(key)
        if place is None or place >= len(cells):
            return ""
        return spreadsheets.plain(cells[place])

    def read(self, cells: Sequence[str]) -> Draft:
        """Raises RefusedRowError with everything that is wrong with the row."""
        if len(cells) != self._width:
            raise RefusedRowError([Problem("", too_many_cells(cells, self._width))])
        row = _Row(self, cells)
        starts_at = row.take(self._start_column(), self._starts_at)
        ends_at = row.take("ends", self._ends_at, starts_at) if starts_at else None
        if starts_at and ends_at is None:
            length = row.take("duration", times.length_of)
            ends_at = starts_at + length if length else None
        given = {key: row.take(key, within(key)) or "" for key in _LENGTHS}
        status = row.take("status", self._status) or ""
        for key in ("identifier", "mrn"):
            row.need(key, given[key])
        if row.problems or starts_at is None:
            raise RefusedRowError(row.problems)
        kind = self._kind(self.cell(cells, "kind"), given["description"])
        if not given["description"]:
            given["description"] = self.cell(cells, "kind")[:200]
        return Draft(
            starts_at=starts_at, ends_at=ends_at, status=status, kind=kind, **given
        )

    def _start_column(self) -> str:
        return "starts" if "starts" in self._place else "day"

    def _starts_at(self, text: str, cells: Sequence[str]) -> datetime:
        if "starts" in self._place:
            found = times.moment(text, self.mapping.day_format, self._zone)
        else:
            day = times.day_of(text, self.mapping.day_format)
            at = self.cell(cells, "time")
            if not at:
                raise ValueError("The time is empty.")
            found = times.local(day, times.time_of(at), self._zone)
        times.check_near(found, self._today)
        return found

    def _ends_at(self, text: str, starts_at: datetime) -> datetime:
        """A time of the same day, or a moment of its own."""
        is_moment = bool(times.parts(text)[1]) or times.with_offset(text) is not None
        if is_moment:
            found = times.moment(text, self.mapping.day_format, self._zone)
        else:
            day = clock.day_of(starts_at, self._zone)
            found = times.local(day, times.time_of(text), self._zone)
        if found < starts_at:
            raise ValueError(f"It ends ({shown(text)}) before it starts.")
        return found

    def _status(self, text: str) -> str:
        decided = self.mapping.words.get("status", {}).get(word(text))
        value = guess_word("status", text) if decided is None else decided
        if not value:
            raise ValueError(
                f"Status {shown(text)} is none that we know. Say what it means, or "
                "correct the cell."
            )
        return value

    def _kind(self, text: str, description: str) -> str:
        """By what was decided for the word, else by what the words tell."""
        decided = self.mapping.words.get("kind", {}).get(word(text))
        return decided or guess_word("kind", text) or kinds.told_by(text, description)


class _Row:
    """The cells of one row as they are taken, with what is wrong with them."""

    def __init__(self, reader: RowReader, cells: Sequence[str]) -> None:
        self._reader, self._cells = reader, cells
        self.problems: list[Problem] = []

    def take(self, key: str, read: Any, *more: Any) -> Any:
        """What the cell gives; None where it is empty or wrong."""
        text = self._reader.cell(self._cells, key)
        if not text:
            if key in ("starts", "day"):
                self.problems.append(Problem(key, f"{FIELDS[key].label} is empty."))
            return None
        more = (self._cells,) if key in ("starts", "day") else more
        try:
            check_characters(text)
            return read(text, *more)
        except ValueError as error:
            self.problems.append(Problem(key, str(error)))
            return None

    def need(self, key: str, value: str) -> None:
        if not value and key not in {found.field for found in self.problems}:
            label = FIELDS[key].label
            self.problems.append(
                Problem(key, f"{label} is empty; every appointment needs one.")
            )


def within(key: str) -> Any:
    """Reads a text that the record has room for; a long description is cut."""
    longest = _LENGTHS[key]

    def read(text: str) -> str:
        if key in ("identifier", "mrn") and len(text) > longest:
            raise ValueError(f"{shown(text)} is longer than {longest} characters.")
        if key in ("identifier", "mrn") and text.startswith(("=", "@")):
            raise ValueError(f"{shown(text)} looks like a formula.")
        return text[:longest]

    return read


def too_many_cells(cells: Sequence[str], width: int) -> str:
    return (
        f"The row has {len(cells)} cells and the first row has {width}; look for a "
        "missing quotation mark or separator."
    )


def guess_word(key: str, text: str) -> str:
    """What the word means by itself, where we know it."""
    folded = word(text)
    words = FIELDS[key].words
    return next((value for value, known in words.items() if folded in known), "")


def guess_value(key: str, text: str) -> str:
    """The same for a form, where what tells nothing is a visit."""
    if key == "kind":
        told = guess_word(key, text) or kinds.told_by(text)
        return told or Appointment.Kind.VISIT
    return guess_word(key, text)


def guess(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, today: date
) -> Mapping:
    """A first mapping from the names of the columns and the first rows."""
    names = {plain(name): name for name in reversed(header)}
    columns: dict[str, str] = {}
    for known in FIELDS.values():
        name = next((names[n] for n in known.columns if n in names), None)
        if name is not None and name not in columns.values():
            columns[known.key] = name
    first = list(rows)
    columns = by_content(columns, header, first)
    texts = [
        text
        for key in ("starts", "day")
        if key in columns
        for text in column(columns[key], header, first)
    ]
    return Mapping(columns=columns, day_format=times.guess_format(texts, today))


def by_content(
    columns: dict[str, str], header: Sequence[str], rows: Sequence[Sequence[str]]
) -> dict[str, str]:
    """A "Start" may hold a day or a time alone, and "Date" the time as well."""
    has_time = {
        key: any(times.parts(text)[1] for text in column(columns[key], header, rows))
        for key in ("starts", "day")
        if key in columns
    }
    found = dict(columns)
    if "starts" in found and not has_time["starts"] and "day" in found:
        start = found.pop("starts")
        found.setdefault("time", start)
    if has_time.get("day") and not {"starts", "time"} & {*found}:
        found["starts"] = found.pop("day")
    if {"starts", "day", "time"} <= {*found}:
        # Two columns that say so are surer than one whose name may mean either.
        del found["starts"]
    return found


def column(
    name: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> list[str]:
    place = header.index(name)
    cells = (spreadsheets.plain(row[place]) for row in rows if place < len(row))
    return [text for text in cells if text]


def words_of(
    mapping: Mapping, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> dict[str, dict[str, str]]:
    """The different words in each column of choices: folded -> as it is written."""
    place = {
        key: header.index(mapping.columns[key])
        for key in CHOICES
        if mapping.columns.get(key) in header
    }
    found: dict[str, dict[str, str]] = {key: {} for key in place}
    for row in rows:
        for key, words in found.items():
            text = spreadsheets.plain(row[place[key]]) if place[key] < len(row) else ""
            if text and len(words) <= MOST_WORDS:
                words.setdefault(word(text), text)
    return found
