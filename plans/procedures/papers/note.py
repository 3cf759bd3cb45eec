"""What was done as a note in plain text, for the clinic's own record system.

Every recorded value stands in it; what should be recorded and is not is named as not
recorded, and never as "no".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic import audit, clock
from clinic.models import User
from patients.triage.note.plain_text import quoted, section, wrapped
from plans.models import (
    AdverseEvent,
    CautionPass,
    Intervention,
    LifestyleMeasurement,
    LotUse,
    Modality,
)
from plans.procedures import catalogue, checks, computed, recorded
from plans.procedures.catalogue_field import GROUPS, Field
from plans.procedures.completeness import Completeness
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import classes
from plans.procedures.prp.classes import Class

Status = Intervention.Status
# The signs of a unit that would not survive as plain text.
DEGREES = ("°C", "degrees Celsius")
# A part of a class that is said in a word.
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Note:
    """All that the note says, read already."""

    intervention: Intervention
    values: dict[str, Any]
    completeness: Completeness
    lots: Sequence[LotUse]
    measurements: Sequence[LifestyleMeasurement]
    cautions: Sequence[CautionPass]
    events: Sequence[AdverseEvent]
    steroid_mg: Decimal | None

    @property
    def text(self) -> str:
        return text(self)

    @property
    def modality(self) -> str:
        return self.intervention.modality


def write(intervention: Intervention, *, by: User, form: str) -> Note:
    """What the note says, and kept that it was read; it must come with_details.

    `form` is how it is taken away, for the audit.
    """
    audit.record(by=by, action="procedure_note.read", about=intervention, taken_as=form)
    return load(intervention, by)


def load(intervention: Intervention, user: User) -> Note:
    values = recorded.values_of(intervention)
    is_lifestyle = intervention.modality == Modality.LIFESTYLE
    has_steroid = values.get("steroid") not in (*EMPTY, "none")
    events = AdverseEvent.objects.visible_to(user).filter(intervention=intervention)
    measured = LifestyleMeasurement.objects.visible_to(user).filter(
        intervention=intervention
    )
    cautions = CautionPass.objects.visible_to(user).filter(intervention=intervention)
    return Note(
        intervention=intervention,
        values=values,
        completeness=recorded.completeness_of(intervention, values),
        lots=list(intervention.lots.all()),
        measurements=list(measured) if is_lifestyle else [],
        cautions=list(cautions.select_related("passed_by")),
        events=list(events.exclude(status=AdverseEvent.Status.ENTERED_IN_ERROR)),
        steroid_mg=computed.steroid_of_a_year(intervention) if has_steroid else None,
    )


def text(note: Note) -> str:
    """The whole note; no line is longer than plain_text.WIDTH."""
    lines = _head(note)
    for key, title in GROUPS.items():
        lines += section(title, _group(note, key))
    lines += section("Kits and lots", _lots(note.lots))
    lines += section("Computed", _computed(note))
    lines += section("Measured", _measured(note.measurements))
    lines += section("Cautions passed", _cautions(note.cautions))
    lines += section("Adverse events", _events(note.events))
    lines += section("Remarks", quoted(note.intervention.remarks))
    lines += section("Not recorded", _missing(note.completeness))
    lines += section("Due later", _due_later(note.completeness))
    return "\n".join(lines) + "\n"


def _head(note: Note) -> list[str]:
    done = note.intervention
    complaint = done.plan.complaint
    patient = complaint.patient.kept
    born = patient.birth_date
    facts = [
        str(patient),
        f"MRN {patient.mrn}",
        f"born {clock.in_words(born)}" if born else "birth date unknown",
        patient.sex_in_words or "sex not recorded",
    ]
    written = clock.in_words(clock.today(patient.clinic.zone))
    return [
        "PROCEDURE NOTE" if done.is_needle else "TREATMENT NOTE",
        *wrapped(f"Patient: {', '.join(facts)}"),
        *wrapped(f"{done.title} ({done.get_modality_display()}). {_state(done)}"),
        *wrapped(f"Plan: {done.plan.title}, for {complaint}{_series(done)}"),
        *wrapped(f"Written from the record of {patient.clinic}, {written}"),
    ]


def _state(done: Intervention) -> str:
    because = f": {done.status_reason}" if done.status_reason else ""
    if done.status == Status.ENTERED_IN_ERROR:
        return f"ENTERED IN ERROR, COUNTS NOWHERE{because}."
    if done.status == Status.CANCELLED:
        return f"CANCELLED{because}."
    if done.performed_on is None:
        planned = f" FOR {clock.in_words(done.planned_on)}" if done.planned_on else ""
        return f"PLANNED{planned}, NOT DONE."
    by = f" by {done.performed_by}" if done.performed_by else ""
    return f"Done {clock.in_words(done.performed_on)}{by}."


def _series(done: Intervention) -> str:
    number = f"; number {done.series_number} of a series" if done.series_number else ""
    return number + (f"; course {done.course}" if done.course > 1 else "")


def _group(note: Note, group: str) -> list[str]:
    fields = catalogue.fields_of(note.modality)
    lines: list[str] = []
    for field in fields:
        value = note.values.get(field.column)
        if field.group == group and field.is_stored and value not in EMPTY:
            lines += _line(field, value)
    return lines


def _line(field: Field, value: object) -> list[str]:
    if field.type == "text" and "\n" in str(value).strip():
        return [*wrapped(f"{field.label}:"), *quoted(str(value))]
    return wrapped(f"{field.label}: {_words(field, value)}")


def _words(field: Field, value: object) -> str:
    return catalogue.in_words(field, value).replace(*DEGREES)


def _lots(lots: Iterable[LotUse]) -> list[str]:
    return [line for lot in lots for line in wrapped(_lot(lot))]


def _lot(lot: LotUse) -> str:
    expires = f", expires {clock.in_words(lot.expires_on)}" if lot.expires_on else ""
    number = f", lot {lot.lot}" if lot.lot else ", no lot number"
    name = f" {lot.name}" if lot.name else ""
    expired = ", EXPIRED WHEN USED" if lot.was_expired else ""
    return f"{lot.get_kind_display().capitalize()}:{name}{number}{expires}{expired}"


def _computed(note: Note) -> list[str]:
    if note.modality == Modality.PRP:
        return _prp(note.values)
    said = [
        _relief(note.values),
        _nucleated(note.values),
        _number("Steroid in the 12 months to this day", note.steroid_mg, "mg"),
    ]
    return [line for words in said if words for line in wrapped(words)]


def _prp(values: dict[str, Any]) -> list[str]:
    found = classes.classify(values)
    lines = []
    for system, code, parts in (
        ("DEPA", found.depa_code, found.depa),
        ("PAW", found.paw_code, found.paw),
    ):
        lines += wrapped(f"{system}: {code or 'no class'}")
        for part in parts:
            lines += wrapped(f"{part.title}: {_class(part)}", indent=2)
    return lines + [line for words in found.warnings for line in wrapped(words)]


def _class(part: Class) -> str:
    is_word = part.letter in YES_NO
    letter = f"class {part.letter}" if part.letter and not is_word else part.shown
    working = f"({part.working})" if part.working not in ("", "no") else ""
    said = " ".join(filter(None, [part.number_words, working]))
    return "; ".join(filter(None, [letter, said])) or "no"


def _relief(values: dict[str, Any]) -> str:
    if values.get("purpose") is None:
        return ""
    before, after = values.get("pain_before"), values.get("pain_after_30min")
    relief = computed.relief_percent(before, after)
    return _number("Relief while the anaesthetic works", relief, "%")


def _nucleated(values: dict[str, Any]) -> str:
    given = checks.total_of(values.get("injected_ml_by_target"))
    cells = computed.nucleated_cells(values.get("tnc_per_ml"), given)
    return _number("Nucleated cells given", cells, "x 10^8")


def _number(label: str, number: Decimal | None, unit: str) -> str:
    if number is None:
        return ""
    return f"{label}: {catalogue.plain(round(number, 2))} {unit}"


def _measured(rows: Iterable[LifestyleMeasurement]) -> list[str]:
    """One line a day, oldest first."""
    fields = [f for f in catalogue.measured() if f.is_stored]
    lines: list[str] = []
    for row in rows:
        said = [
            f"{field.label.lower()} {_words(field, value)}"
            for field in fields
            if field.column != "measured_on"
            and (value := getattr(row, field.column)) not in EMPTY
        ]
        lines += wrapped(f"{clock.in_words(row.measured_on)}: {'; '.join(said)}")
    return lines


def _cautions(passed: Iterable[CautionPass]) -> list[str]:
    lines: list[str] = []
    for each in passed:
        by = f", {each.passed_by}" if each.passed_by else ""
        lines += wrapped(f"{each.words} Went on because: {each.reason}{by}")
    return lines


def _events(events: Iterable[AdverseEvent]) -> list[str]:
    lines: list[str] = []
    for event in events:
        outcome = event.get_outcome_display().lower()
        lines += wrapped(
            f"{clock.in_words(event.onset_on)}: {event.category}, outcome {outcome}"
        )
        lines += quoted(event.description)
    return lines


def _missing(found: Completeness) -> list[str]:
    lines: list[str] = []
    for title, fields in (
        ("Required", found.missing_required),
        ("Recommended", found.missing_recommended),
    ):
        if fields:
            lines += wrapped(f"{title}: {'; '.join(f.label for f in fields)}.")
    return lines


def _due_later(found: Completeness) -> list[str]:
    return [line for each in found.due_later for line in wrapped(each.words)]
