"""Takes a schedule in: what it would do, said row by row, and doing it.

The same number of the same source is the same appointment, so the same file twice
changes nothing. What a newer file leaves out is named and stays as it is, unless it
is said to be cancelled.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic
from patients.appointments import elsewhere, known
from patients.appointments.draft import Draft
from patients.appointments.elsewhere import Doubt, ElsewhereError
from patients.appointments.known import Known
from patients.appointments.mapping import Mapping, RowReader
from patients.appointments.sheets import Sheet
from patients.models import Appointment
from patients.record import registration
from patients.record.imports.refusals import Problem, RefusedRowError

Status = Appointment.Status
# Compared value by value; the rest is how a row is known.
FIELDS = (
    *("patient_id", "mrn", "status", "kind", "description", "day", "starts_at"),
    *("ends_at", "location_id", "practitioner_id", "practitioner_name"),
)
_ROWS_AT_ONCE = 200


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a file, read or refused; `name` is the appointment's number in it."""

    number: int
    name: str
    draft: Draft | None = None
    problems: Sequence[Problem] = ()
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a row; `changed` names the fields."""

    told: Told
    outcome: Outcome
    row: Appointment | None = None
    changed: Sequence[str] = ()
    problems: Sequence[Problem] = ()

    @property
    def number(self) -> int:
        return self.told.number

    @property
    def why(self) -> str:
        return "; ".join(found.problem for found in self.problems)


@dataclass(slots=True)
class Foreseen:
    lines: list[Line]
    # Booked for a day of the file by the same source, and not in it any more.
    missing: list[Appointment]
    doubt: Doubt | None
    unknown_locations: dict[str, int] = field(default_factory=dict)
    is_cancelling: bool = False

    def of(self, *outcomes: Outcome) -> list[Line]:
        return [line for line in self.lines if line.outcome in outcomes]

    @property
    def rows(self) -> list[Appointment]:
        return [line.row for line in self.lines if line.row is not None]

    @property
    def refused(self) -> list[Line]:
        return self.of(Outcome.REFUSED)

    @property
    def unmatched(self) -> list[Appointment]:
        return [row for row in self.rows if row.patient is None]

    @property
    def days(self) -> list[date]:
        return sorted({row.day for row in self.rows})

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(str(line.outcome) for line in self.lines)
        return {str(outcome): found[outcome] for outcome in Outcome}

    @property
    def patients(self) -> set[UUID]:
        people = (row.patient for row in [*self.rows, *self.missing])
        return {patient.kept_id for patient in people if patient is not None}


def told(sheet: Sheet, mapping: Mapping, *, zone: str) -> list[Told]:
    """Every row of a list, as an appointment or with what is wrong with it."""
    reader = RowReader(mapping, sheet.header, zone=zone, today=clock.today(zone))
    return [told_row(reader, number, cells) for number, cells in sheet.rows]


def told_row(reader: RowReader, number: int, cells: Sequence[str]) -> Told:
    name = reader.cell(cells, "identifier")
    try:
        return Told(number, name, reader.read(cells), cells=cells)
    except RefusedRowError as error:
        return Told(number, name, problems=error.problems, cells=cells)


def foresee(clinic: Clinic, rows: Sequence[Told], *, source: str) -> Foreseen:
    """What taking them in would do; nothing is stored."""
    drafts = [row.draft for row in rows if row.draft is not None]
    here = known.of(clinic, (draft.mrn for draft in drafts))
    held = standing(clinic, source, [row.name for row in rows])
    first: dict[str, int] = {}
    lines = [
        line_of(clinic, row, source, here, held, first.setdefault(row.name, row.number))
        for row in rows
    ]
    found = Foreseen(lines, [], doubt_of(clinic, drafts, here))
    found.missing = missing(clinic, source, found.days, {row.name for row in rows})
    names = (draft.location for draft in drafts if draft.location)
    unknown = Counter(name for name in names if not here.location(name))
    found.unknown_locations = dict(unknown.most_common())
    return found


def doubt_of(clinic: Clinic, drafts: list[Draft], here: Known) -> Doubt | None:
    names = [clinic.name, clinic.slug, *(one.name for one in here.locations.values())]
    return elsewhere.doubt(drafts, is_known=here.patients.keys(), names=names)


def standing(
    clinic: Clinic, source: str, identifiers: Collection[str]
) -> dict[str, Appointment]:
    rows = Appointment.objects.filter(clinic=clinic, source=source).select_related(
        "patient__clinic", "patient__merged_into__clinic"
    )
    return {
        row.identifier: row
        for some in known.in_parts(sorted({*identifiers}))
        for row in rows.filter(identifier__in=some)
    }


def line_of(
    clinic: Clinic,
    told: Told,
    source: str,
    here: Known,
    held: dict[str, Appointment],
    first: int,
) -> Line:
    draft = told.draft
    if draft is None:
        return Line(told, Outcome.REFUSED, problems=told.problems)
    if first != told.number:
        twice = Problem(
            "identifier",
            f"Appointment {draft.identifier} stands in row {first} already; that row "
            "counts. Keep one of the two.",
        )
        return Line(told, Outcome.REFUSED, problems=[twice])
    row = held.get(draft.identifier)
    before = None if row is None else values(row)
    row = row or Appointment(source=source, identifier=draft.identifier)
    row.clinic = clinic
    fill(row, draft, here, is_new=before is None)
    if before is None:
        return Line(told, Outcome.NEW, row)
    changed = [name for name in FIELDS if before[name] != getattr(row, name)]
    outcome = Outcome.CHANGED if changed else Outcome.SAME
    return Line(told, outcome, row, [name.removesuffix("_id") for name in changed])


def values(row: Appointment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def fill(row: Appointment, draft: Draft, here: Known, *, is_new: bool) -> None:
    """What the file does not say stays; one that is in it again is booked again."""
    is_same = known.folded(row.mrn) == known.folded(draft.mrn)
    # Somebody whose number was changed here since is still who it was.
    row.patient = here.patient(draft.mrn) or (row.patient if is_same else None)
    row.mrn = draft.mrn
    row.starts_at, row.ends_at = draft.starts_at, draft.ends_at
    row.day = clock.day_of(draft.starts_at, row.clinic.zone)
    if draft.status:
        row.status = draft.status
    elif row.status == Status.CANCELLED:
        row.status = Status.BOOKED
    row.kind = draft.kind or (draft.kind_or_visit if is_new else row.kind)
    row.description = draft.description or row.description
    if draft.location:
        row.location = here.location(draft.location)
    if draft.practitioner:
        row.practitioner = here.practitioner(draft.practitioner)
        is_one_of_us = row.practitioner is not None
        row.practitioner_name = "" if is_one_of_us else draft.practitioner


def missing(
    clinic: Clinic, source: str, days: list[date], names: set[str]
) -> list[Appointment]:
    """Still booked for one of these days by the source, and named nowhere in the file.

    A row that was refused is no appointment that is gone.
    """
    rows = Appointment.objects.filter(
        clinic=clinic, source=source, day__in=days, status=Status.BOOKED
    ).select_related("patient__clinic", "patient__merged_into__clinic")
    return [row for row in rows if row.identifier not in names]


@transaction.atomic
def take_in(
    clinic: Clinic,
    rows: Sequence[Told],
    *,
    by: By,
    source: str,
    takes_unknown: bool = False,
    cancels_missing: bool = False,
) -> Foreseen:
    """All rows that can be read, or none: ElsewhereError for another clinic's file."""
    registration.lock(clinic)
    found = foresee(clinic, rows, source=source)
    if found.doubt and not takes_unknown:
        raise ElsewhereError(found.doubt.refusal)
    found.is_cancelling = cancels_missing
    store(found)
    gone = cancel(found.missing) if cancels_missing else 0
    audit.record(
        by=by,
        action="appointments.imported",
        about=clinic,
        patients=found.patients,
        source=source,
        counts=found.counts,
        days=[str(day) for day in found.days],
        unmatched=len(found.unmatched),
        missing=len(found.missing),
        cancelled=gone,
        takes_unknown=takes_unknown,
    )
    return found


def store(found: Foreseen) -> None:
    new = [line.row for line in found.of(Outcome.NEW) if line.row]
    Appointment.objects.bulk_create(new, batch_size=_ROWS_AT_ONCE)
    changed = [line.row for line in found.of(Outcome.CHANGED) if line.row]
    for row in changed:
        row.changed_at = clock.now()
    Appointment.objects.bulk_update(
        changed,
        [name.removesuffix("_id") for name in FIELDS] + ["changed_at"],
        batch_size=_ROWS_AT_ONCE,
    )


def cancel(rows: Iterable[Appointment]) -> int:
    ids = [row.pk for row in rows]
    booked = Appointment.objects.filter(pk__in=ids, status=Status.BOOKED)
    return booked.update(status=Status.CANCELLED, changed_at=clock.now())


def note_preview(found: Foreseen, clinic: Clinic, *, by: By) -> None:
    """Whose names a look at a file shows."""
    audit.record(
        by=by, action="appointments.previewed", about=clinic, patients=found.patients
    )
