"""The first rows of a list as they would be stored.

They are put in by the very verbs of the import, and undone: so it cannot differ.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import clock
from clinic.audit import By
from clinic.models import Clinic
from patients.models import Patient
from patients.record.imports import person, table
from patients.record.imports.fields import FIELDS, WHOLE_NAME, Field
from patients.record.imports.lists import ListSource, Seen
from patients.record.imports.mapping import Given, Mapping, RowReader, ungathered
from patients.record.imports.refusals import RefusedRowError
from patients.record.imports.steps import REFUSED

ROWS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    text: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of a row, and what is in the way."""

    number: int
    outcome: str
    cells: list[Cell]
    problems: list[str]
    changed: list[str]
    notes: list[str]


@dataclass(slots=True)
class Preview:
    columns: list[Field]
    lines: list[Line] = field(default_factory=list)
    # Who is here already and was shown.
    patients: set[UUID] = field(default_factory=set)

    @property
    def summary(self) -> str:
        counts = Counter(line.outcome for line in self.lines)
        return ", ".join(f"{number} {outcome}" for outcome, number in counts.items())


def first_rows(path: Path, mapping: Mapping, *, clinic: Clinic, by: By) -> Preview:
    found = Preview(columns(mapping))
    source = ListSource(path, mapping, clinic=clinic, by=by)
    seen = Seen()
    with transaction.atomic(), table.opened(path) as lines:
        reader = RowReader(mapping, lines.header)
        for number, cells in islice(lines.rows(), ROWS):
            first = seen.first(reader.cell(cells, "mrn"), number)
            try:
                taken = source.taken(reader, number, cells, first)
            except RefusedRowError as error:
                found.lines.append(refused(found, reader, number, cells, error))
            else:
                given, _ = reader.read(cells)
                found.lines.append(stored(found, number, taken, given))
        transaction.set_rollback(True)
    return found


def columns(mapping: Mapping) -> list[Field]:
    keys = set(mapping.columns)
    if WHOLE_NAME in keys:
        keys = keys - {WHOLE_NAME} | {"given_name", "family_name"}
    return [known for key, known in FIELDS.items() if key in keys]


def stored(preview: Preview, number: int, taken: person.Taken, given: Given) -> Line:
    if taken.outcome != person.Outcome.NEW:
        preview.patients.add(taken.patient.pk)
    held = person.contacts(taken.patient) | person.beside(taken.patient)
    cells = [
        Cell(known.label, in_words(known, kept(taken.patient, held, known.key)))
        for known in preview.columns
    ]
    changed = [in_short(key) for key in taken.changed]
    return Line(number, taken.outcome, cells, [], changed, notes(given, held))


def notes(given: Given, held: Given) -> list[str]:
    """Why somebody whose row says yes is not written to all the same."""
    if not given.get("may_contact") or held["may_contact"]:
        return []
    if not held["email"]:
        return ["The yes to e-mail is kept; there is no address to write to yet."]
    return ["The yes to e-mail is not taken: it is for the patient to give it again."]


def refused(
    preview: Preview,
    reader: RowReader,
    number: int,
    texts: Sequence[str],
    error: RefusedRowError,
) -> Line:
    preview.patients |= {p.patient for p in error.problems if p.patient}
    given = ungathered(reader.read(texts)[0])
    wrong = {found.field for found in error.problems}
    raw = {known.key: reader.cell(texts, known.key) for known in preview.columns}
    if WHOLE_NAME in wrong:
        raw["family_name"] = reader.cell(texts, WHOLE_NAME)
        wrong.add("family_name")
    cells = [
        Cell(
            known.label,
            in_words(known, given.get(known.key, raw[known.key])),
            known.key in wrong,
        )
        for known in preview.columns
    ]
    return Line(number, REFUSED, cells, [p.problem for p in error.problems], [], [])


def in_short(key: str) -> str:
    """A field by its label; somebody beside the patient by what they are."""
    return FIELDS[key].label if key in FIELDS else key.replace("_", " ")


def kept(patient: Patient, contacts: Given, key: str) -> Any:
    return contacts[key] if key in contacts else getattr(patient, key, "")


def in_words(known: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return clock.in_words(value)
    return dict(known.values).get(value, value or "") if known.words else value or ""
