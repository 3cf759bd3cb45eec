"""What is entered into an evaluation, cell by cell: read, checked, set against others.

Nothing here is stored; `evaluations` keeps what comes of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from clinic import clock
from clinic.audit import By
from patients.catalogue import findings, regions
from patients.models import Evaluation, Finding, Patient
from patients.triage import flag_baselines
from patients.triage.origin_items import Cell

# Of these a yes is never lost.
HEARD = ("symptoms", "red_flags")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in its stored spelling, and since when it is so, where that is asked."""

    value: str
    since_on: date | None = None


# None takes back what was entered: it is then not recorded, which is not a "no".
Entries = Mapping[Cell, Entry | None]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people changed one finding at once: theirs is stored, ours was not."""

    cell: Cell
    ours: Entry | None
    theirs: Entry | None
    by: str


def checked(evaluation: Evaluation, entries: Entries) -> dict[Cell, Entry | None]:
    """Every entry in its stored spelling; ValidationError names each faulty cell."""
    wanted, faults = sort_out(evaluation, entries)
    if faults:
        raise ValidationError({name: [said] for name, said in faults.items()})
    return wanted


def sort_out(
    evaluation: Evaluation, entries: Entries
) -> tuple[dict[Cell, Entry | None], dict[str, str]]:
    """The entries that can be stored, and what is wrong with the others, by name."""
    patient = evaluation.complaint.patient
    today = clock.today(patient.time_zone)
    dated = flag_baselines.standing(patient)
    wanted: dict[Cell, Entry | None] = {}
    faults: dict[str, str] = {}
    for cell, entry in entries.items():
        try:
            wanted[cell] = entry and read(cell, entry, today)
            check_lived(patient, cell, wanted[cell])
            if entry and entry.value == findings.UNCHANGED and cell[0] not in dated:
                raise ValueError("A clinician must date the baseline first.")
        except ValueError as error:
            wanted.pop(cell, None)
            faults[cell_name(cell)] = str(error)
    return wanted, faults


def read(cell: Cell, entry: Entry, today: date) -> Entry:
    code, side = cell
    definition = findings.definitions().get(code)
    if definition is None:
        raise ValueError(f"There is no finding {code!r}.")
    if side not in definition.sides:
        raise ValueError(f"{definition.label} has no side {side!r}.")
    value = definition.read(entry.value, today=today)
    if definition.kind in (findings.Kind.REGION, findings.Kind.REGIONS):
        for part in value.split(","):
            regions.parse(part)
    if entry.since_on and not definition.asks_since:
        raise ValueError(f"{definition.label}: no date is asked here.")
    if entry.since_on and entry.since_on > today:
        raise ValueError(f"{clock.in_words(entry.since_on)} is in the future.")
    # Nobody has a "no" since a day: the field keeps an old date out of sight.
    return Entry(value, None if value == findings.ABSENT else entry.since_on)


def check_lived(patient: Patient, cell: Cell, entry: Entry | None) -> None:
    born = patient.birth_date
    if entry is None or born is None:
        return
    is_date = findings.definitions()[cell[0]].kind == findings.Kind.DATE
    day = date.fromisoformat(entry.value) if is_date else entry.since_on
    if day and day < born:
        raise ValueError(f"{clock.in_words(day)} is before the patient was born.")


def merge(
    wanted: Mapping[Cell, Entry | None],
    stored: Mapping[Cell, Finding],
    base: Mapping[Cell, Entry],
    *,
    by: By,
) -> tuple[dict[Cell, Entry | None], list[Conflict]]:
    """What of ours is new against what we saw, and where somebody else was faster."""
    changes: dict[Cell, Entry | None] = {}
    conflicts: list[Conflict] = []
    for cell, ours in wanted.items():
        held = stored.get(cell)
        theirs = entry_of(held) if held else None
        if ours in (base.get(cell), theirs):
            continue
        if theirs == base.get(cell) or (held and held.entered_by == by):
            changes[cell] = ours
        else:
            conflicts.append(Conflict(cell, ours, theirs, author_of(held)))
    return changes, conflicts


def author_of(finding: Finding | None) -> str:
    """Empty for what was taken back: nobody's name stands at it any more."""
    if finding is None:
        return ""
    return str(finding.entered_by or finding.get_informant_display())


def said_beside(
    changes: Entries, stored: Mapping[Cell, Finding], informant: str
) -> set[Cell]:
    """Where the patient says something else than staff, whose entry stands."""
    if informant != Finding.Informant.PATIENT:
        return set()
    staff = Finding.Informant.STAFF
    return {c for c in changes if c in stored and stored[c].informant == staff}


def said_again(wanted: Entries, unheard: Collection[Cell], informant: str) -> set[Cell]:
    """A yes to a symptom or red flag that must be heard although it changes no finding.

    One that lost to somebody else's entry, and any red flag that the patient repeats.
    """
    is_patient = informant == Finding.Informant.PATIENT
    said = {
        c for c, entry in wanted.items() if entry and entry.value == findings.PRESENT
    }
    return {
        cell
        for cell in said
        if (cell in unheard and block_of(cell) in HEARD)
        or (is_patient and block_of(cell) == "red_flags")
    }


def block_of(cell: Cell) -> str:
    return findings.definitions()[cell[0]].block


def entry_of(finding: Finding) -> Entry:
    return Entry(finding.value, finding.since_on)


def values_of(found: Iterable[Finding]) -> dict[Cell, Entry]:
    return {(f.code, f.side): entry_of(f) for f in found}


def cell_name(cell: Cell) -> str:
    """As forms, the API and errors name it: "ankle_jerk.left", "back_pain"."""
    code, side = cell
    return code if side == "none" else f"{code}.{side}"


def cell_of(name: str) -> Cell:
    code, _, side = name.partition(".")
    return code, side or "none"
