"""Which column of a list is what, how its days are written, what its words mean."""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic import spreadsheets
from patients.models.contact import validate_phone
from patients.models.searching import is_readable
from patients.record.imports.fields import (
    BESIDE,
    FIELDS,
    WHOLE_NAME,
    YES,
    Field,
    Kind,
    plain,
)
from patients.record.imports.refusals import Problem, shown

# The formats by the name they have on the page; the first that fits is guessed.
DAY_FORMATS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "MM-DD-YYYY": "%m-%d-%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYYMMDD": "%Y%m%d",
}
# A day that a program wrote as a moment.
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?( ?AM|Z)?$")
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}")
REFUSE, GIVE_NUMBER = "refuse", "number"
CONTACTS: ReadOnly[str, Callable[[str], None]] = {
    "email": validate_email,
    "phone": validate_phone,
    "caregiver_email": validate_email,
    "caregiver_phone": validate_phone,
}
# More different words than that are no choice: it is another column.
MOST_WORDS = 12
_MOST_LISTED = 4

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns` is field -> column of the list; `words` is field -> word -> our value.

    Kept as JSON with the run, so that whoever works it off reads the same.
    """

    columns: ReadOnly[str, str] = field(default_factory=dict)
    day_format: str = "YYYY-MM-DD"
    words: ReadOnly[str, ReadOnly[str, str]] = field(default_factory=dict)
    without_mrn: str = REFUSE
    # Somebody of the same name and birth date with another MRN is another person.
    registers_twins: bool = False
    # FHIR only: which of a patient's identifiers is the MRN; empty for the first.
    mrn_system: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: ReadOnly[str, Any]) -> "Mapping":
        return cls(**kept)

    def missing(self) -> list[Field]:
        """What has no column yet, and without which nobody can be registered."""
        given = {*self.columns}
        if WHOLE_NAME in given:
            given.add("family_name")
        return [known for known in self.needed() if known.key not in given]

    def needed(self) -> list[Field]:
        needed = [known for known in FIELDS.values() if known.is_required]
        return [FIELDS["mrn"], *needed] if self.without_mrn == REFUSE else needed


class RowReader:
    """Turns the cells of a row into what `registration` takes."""

    def __init__(self, mapping: Mapping, header: Sequence[str]) -> None:
        self.mapping = mapping
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

    def read(self, cells: Sequence[str]) -> tuple[Given, list[Problem]]:
        """What the row gives, and what is wrong with it; an empty cell says nothing."""
        if len(cells) != self._width:
            return {}, [
                Problem(
                    "",
                    f"The row has {len(cells)} cells and the first row has "
                    f"{self._width}; look for a missing quotation mark or separator.",
                )
            ]
        given: Given = {}
        problems: list[Problem] = []
        for key in self._place:
            text = self.cell(cells, key)
            try:
                if text:
                    given |= self._value(FIELDS[key], text)
            except ValueError as error:
                problems.append(Problem(key, str(error)))
        return gathered(given), problems + self._missing(given, problems)

    def _value(self, known: Field, text: str) -> Given:
        check_characters(text)
        if known.key == WHOLE_NAME:
            return both_names(text)
        if known.kind == Kind.DAY:
            return {known.key: day(text, self.mapping.day_format)}
        if known.kind == Kind.CHOICE:
            return {known.key: self._meant(known, text)}
        if known.kind == Kind.YES_NO:
            return {known.key: self._meant(known, text) == YES}
        if known.key == "mrn" and text.startswith(("=", "@")):
            raise ValueError(f"MRN {shown(text)} looks like a formula.")
        check_contact(known.key, text)
        return {known.key: text}

    def _meant(self, known: Field, text: str) -> str:
        decided = self.mapping.words.get(known.key, {}).get(word(text))
        # What was decided to be refused is not guessed after all.
        value = guess_word(known, text) if decided is None else decided
        if value:
            return value
        labels = [label for _, label in known.values]
        ours = f" ({', '.join(labels)})" if len(labels) <= _MOST_LISTED else ""
        raise ValueError(
            f"{known.label} {shown(text)} is none of ours{ours}. Say what it means, or "
            "correct the cell."
        )

    def _missing(self, given: Given, problems: list[Problem]) -> list[Problem]:
        said = {found.field for found in problems} | {*given}
        if WHOLE_NAME in said:
            said.add("family_name")
        return [
            Problem(known.key, f"{known.label} is empty; every patient needs one.")
            for known in self.mapping.needed()
            if known.key not in said
        ]


def gathered(given: Given) -> Given:
    """What belongs to somebody beside the patient, together."""
    found: Given = {}
    for key, value in given.items():
        whose = next((name for name in BESIDE if key.startswith(f"{name}_")), "")
        if whose:
            found.setdefault(whose, {})[key.removeprefix(f"{whose}_")] = value
        else:
            found[key] = value
    return found


def ungathered(given: Given) -> Given:
    """By the fields of a list again."""
    found: Given = {}
    for key, value in given.items():
        if key in BESIDE:
            found |= {f"{key}_{name}": text for name, text in value.items()}
        else:
            found[key] = value
    return found


def check_characters(text: str) -> None:
    if not is_readable(text):
        raise ValueError(f"{shown(text)} holds a character that cannot be read.")


def check_contact(key: str, text: str) -> None:
    """The verbs look too; here it is said together with the row's other faults."""
    validate = CONTACTS.get(key)
    if validate is None:
        return
    try:
        validate(text)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from None


def day(text: str, day_format: str) -> date:
    short = _MIDNIGHT.sub("", text)
    try:
        # The clock has no part in it: a day is a day in every zone.
        return datetime.strptime(short, DAY_FORMATS[day_format]).date()  # noqa: DTZ007
    except ValueError:
        hint = (
            " with all four digits of the year" if _SHORT_YEAR.fullmatch(short) else ""
        )
        raise ValueError(
            f"{shown(text)} is not a day written as {day_format}{hint}."
        ) from None


def both_names(text: str) -> Given:
    family_name, comma, given_name = (part.strip() for part in text.partition(","))
    if not comma or not family_name:
        raise ValueError(
            f"{shown(text)} is not written as “Last, First”; nobody can tell which "
            "name is which."
        )
    return {"family_name": family_name, "given_name": given_name}


def word(text: str) -> str:
    """How a word is compared; one of signs only is compared as it is."""
    return plain(text) or text


def guess_word(known: Field, text: str) -> str:
    """What the word means by itself, where we know it."""
    folded = word(text)
    found = (value for value, words in known.words.items() if folded in words)
    return next(found, "")


def guess(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping:
    """A first mapping from the names of the columns and the first rows."""
    names = {plain(name): name for name in reversed(header)}
    columns: dict[str, str] = {}
    for known in FIELDS.values():
        name = next((names[n] for n in known.columns if n in names), None)
        if name is not None and name not in columns.values():
            columns[known.key] = name
    first = list(rows)
    bare = Mapping(columns=columns)
    return Mapping(
        columns=columns,
        day_format=guess_day_format(bare, header, first),
        words=guess_words(bare, header, first),
    )


def guess_day_format(
    mapping: Mapping, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """The format that reads most of the days; where two do as well, the first."""
    reader = RowReader(mapping, header)
    days = [
        _MIDNIGHT.sub("", text)
        for key in mapping.columns
        if FIELDS[key].kind == Kind.DAY
        for row in rows
        if (text := reader.cell(row, key))
    ]
    return max(DAY_FORMATS, key=lambda name: sum(_is_day(text, name) for text in days))


def _is_day(text: str, day_format: str) -> bool:
    try:
        day(text, day_format)
    except ValueError:
        return False
    return True


def words_of(
    mapping: Mapping, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> dict[str, dict[str, str]]:
    """The different words in each column of choices: folded -> as it is written."""
    reader = RowReader(mapping, header)
    found: dict[str, dict[str, str]] = {
        key: {}
        for key in mapping.columns
        if FIELDS[key].kind in (Kind.CHOICE, Kind.YES_NO)
    }
    for row in rows:
        for key, words in found.items():
            text = reader.cell(row, key)
            if text and len(words) <= MOST_WORDS:
                words.setdefault(word(text), text)
    return found


def guess_words(
    mapping: Mapping, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> dict[str, dict[str, str]]:
    return {
        key: {
            written: value
            for written in words
            if (value := guess_in_company(FIELDS[key], written, words))
        }
        for key, words in words_of(mapping, header, rows).items()
    }


def meaning(held: Mapping, known: Field, folded: str, all_words: Iterable[str]) -> str:
    """As it was decided before, else as it is guessed."""
    decided = held.words.get(known.key, {}).get(folded)
    if decided is not None:
        return decided
    return guess_in_company(known, folded, all_words)


def guess_in_company(known: Field, folded: str, all_words: Iterable[str]) -> str:
    """M beside H is mujer beside hombre, and beside F it is male."""
    if known.key == "sex" and folded == "m" and "h" in all_words:
        return "female"
    return guess_word(known, folded)
