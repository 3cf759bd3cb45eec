"""A complaint as a note in plain text, for the clinic's own record system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic import clock
from clinic.models import User
from patients.catalogue import findings, red_flags, release
from patients.models import (
    Complaint,
    Diagnosis,
    Evaluation,
    Finding,
    RedFlag,
    RedFlagEvent,
    SourceHypothesis,
    Study,
)
from patients.triage import checklist, flag_baselines
from patients.triage.checklist import Checklist
from patients.triage.note import findings as note_findings
from patients.triage.note import reasoning as note_reasoning
from patients.triage.note.findings import BY_PATIENT, Sheet
from patients.triage.note.plain_text import quoted, section, wrapped
from patients.triage.origin_items import Cell


@dataclass(frozen=True, slots=True)
class Note:
    """All that the note says, read already; without an evaluation, the rest."""

    complaint: Complaint
    evaluation: Evaluation | None
    sheet: Sheet
    red_flags: Sequence[RedFlag]
    studies: Sequence[Study]
    hypotheses: Sequence[SourceHypothesis]
    diagnoses: Sequence[Diagnosis]
    checklists: Sequence[Checklist]
    written_on: date


def load(complaint: Complaint, evaluation: Evaluation | None, user: User) -> Note:
    """Thirteen queries at most; the complaint must have its patient with it."""
    patient = complaint.patient.kept
    found = _findings(evaluation, user)
    standing = {(f.code, f.side): f for f in found if f.replaced_in is None}
    values = {cell: finding.value for cell, finding in standing.items()}
    raised = _red_flags(complaint, user)
    lived = {f: b.stands_since for f, b in flag_baselines.standing(patient).items()}
    return Note(
        complaint=complaint,
        evaluation=evaluation,
        sheet=Sheet(complaint.pain_site, standing, _said_before(found), lived),
        red_flags=raised,
        studies=list(
            Study.objects.visible_to(user)
            .filter(complaint=complaint)
            .exclude(state=Study.State.ENTERED_IN_ERROR)
            .select_related("reviewed_by")
        ),
        hypotheses=list(
            SourceHypothesis.objects.visible_to(user)
            .filter(complaint=complaint)
            .prefetch_related(*SourceHypothesis.SHOWN_WITH)
        ),
        diagnoses=list(
            Diagnosis.objects.visible_to(user)
            .filter(complaint=complaint)
            .exclude(status=Diagnosis.Status.ENTERED_IN_ERROR)
        ),
        checklists=checklist.of_evaluation(evaluation, values, raised)
        if evaluation
        else [],
        written_on=clock.today(patient.clinic.zone),
    )


def _findings(evaluation: Evaluation | None, user: User) -> list[Finding]:
    if evaluation is None:
        return []
    return list(Finding.objects.visible_to(user).filter(evaluation=evaluation))


def _said_before(found: Sequence[Finding]) -> dict[Cell, Finding]:
    """The patient's own last answer where staff have entered another since."""
    by_patient = Finding.Informant.PATIENT
    return {
        (f.code, f.side): f
        for f in found
        if f.replaced_in is not None and f.informant == by_patient
    }


def _red_flags(complaint: Complaint, user: User) -> list[RedFlag]:
    """What stands for the patient, and what this complaint ever raised."""
    found = (
        RedFlag.objects.visible_to(user)
        .filter(patient__in=complaint.patient.kept.record_ids)
        .select_related("acknowledged_by", "closed_by")
        .prefetch_related("events")
    )
    return [
        flag
        for flag in found
        if flag.state in RedFlag.STANDING or flag.complaint_id == complaint.pk
    ]


def text(note: Note) -> str:
    """The whole note; no line is longer than plain_text.WIDTH."""
    lines = [*_head(note), *section("Complaint", _complaint(note))]
    if note.evaluation is not None:
        lines += _evaluation(note)
    else:
        lines += section("Evaluation", ["No evaluation is recorded."])
    zone = note.complaint.patient.time_zone
    lines += section("Red flags", _flags(note.red_flags, zone))
    lines += section("Studies", note_reasoning.studies(note.studies, zone))
    for each in note.checklists:
        lines += section(*note_reasoning.origin(each, of=len(note.checklists)))
    lines += section("Source ledger", note_reasoning.ledger(note.hypotheses))
    lines += section("Diagnoses", note_reasoning.diagnoses(note.diagnoses))
    lines += section("Early-intervention clock", _clock(note.complaint))
    return "\n".join(lines) + "\n"


def _head(note: Note) -> list[str]:
    patient, made = note.complaint.patient.kept, note.evaluation
    born = patient.birth_date
    facts = [
        str(patient),
        f"MRN {patient.mrn}",
        f"born {clock.in_words(born)}" if born else "birth date unknown",
        patient.sex_in_words or "sex not recorded",
    ]
    lines = ["EVALUATION NOTE", *wrapped(f"Patient: {', '.join(facts)}")]
    if made is not None:
        lines += wrapped(f"Visit: {clock.in_words(made.examined_on)}. {_state(made)}")
        lines += wrapped(_catalogue(made))
    written = clock.in_words(note.written_on)
    return [*lines, *wrapped(f"Written from the record of {patient.clinic}, {written}")]


def _state(evaluation: Evaluation) -> str:
    if evaluation.signed_at and evaluation.state == Evaluation.State.SIGNED:
        zone = evaluation.complaint.patient.time_zone
        day = clock.in_words(clock.day_of(evaluation.signed_at, zone))
        return f"Signed by {evaluation.signed_by}, {day}."
    if evaluation.is_draft:
        return "DRAFT, NOT SIGNED."
    return f"ENTERED IN ERROR, COUNTS NOWHERE: {evaluation.state_reason}"


def _catalogue(evaluation: Evaluation) -> str:
    recorded = f"Recorded with clinical content {evaluation.catalogue_version}"
    if evaluation.catalogue_version == release.version():
        return recorded
    return f"{recorded}; read and reckoned here with {release.version()}"


def _complaint(note: Note) -> list[str]:
    complaint = note.complaint
    began = complaint.onset_on
    since = f"since {clock.in_words(began)}" if began else "onset not recorded"
    opened = clock.in_words(complaint.opened_on)
    lines = wrapped(
        f"{complaint}. Where it hurts: {complaint.english_site}, {since}. "
        f"Here since {opened}."
    )
    if complaint.closed_on:
        lines += wrapped(f"Closed {clock.in_words(complaint.closed_on)}.")
    return lines + quoted(complaint.note)


def _evaluation(note: Note) -> list[str]:
    sheet = note.sheet
    lines = section("Intake", note_findings.intake(sheet))
    for block in note_findings.ASKED:
        title = findings.BLOCKS[block]
        title = "Red flags asked about" if block == "red_flags" else title
        lines += section(title, note_findings.asked_of(sheet, block))
    lines += section("Examination", note_findings.examination(sheet))
    if any(BY_PATIENT in line for line in lines):
        lines += [
            "",
            f"{BY_PATIENT} = the patient's own answer; staff entered the rest.",
        ]
    return lines


def _flags(raised: Sequence[RedFlag], zone: str) -> list[str]:
    return [line for flag in raised for line in _flag(flag, zone)] or ["None raised."]


def _flag(flag: RedFlag, zone: str) -> list[str]:
    known = red_flags.red_flags()[flag.flag]
    events = list(flag.events.all())
    reasons = [e.note for e in events if e.kind == RedFlagEvent.Kind.RAISED and e.note]
    closing = [e.note for e in events if e.kind == RedFlagEvent.Kind.CLOSED]
    raised_on = clock.in_words(clock.day_of(flag.raised_at, zone))
    lines = wrapped(
        f"{flag.tier} {flag.get_tier_display()}, {known.pathology}: {known.finding}"
        + (f" ({'; '.join(reasons)})" if reasons else "")
        + f". Raised {raised_on}, by {flag.get_informant_display()}."
    )
    if flag.state == RedFlag.State.OPEN:
        return lines + wrapped(
            f"OPEN, nobody has acted. To do: {known.action}", indent=2
        )
    lines += wrapped(f"Action by {flag.acknowledged_by}: {flag.action}", indent=2)
    if flag.state == RedFlag.State.CLOSED:
        lines += wrapped(f"Closed by {flag.closed_by}: {' '.join(closing)}", indent=2)
    return lines


def _clock(complaint: Complaint) -> list[str]:
    if complaint.deficit_since is None:
        return ["No weakness, foot drop or cauda equina sign is recorded."]
    since = clock.in_words(complaint.deficit_since)
    kind = complaint.get_deficit_kind_display().capitalize()
    if complaint.deficit_days is not None:
        return wrapped(f"{kind} since {since}: day {complaint.deficit_days}, running.")
    ended = complaint.deficit_ended_on
    stopped = clock.in_words(ended) if ended else ""
    reason = complaint.deficit_end_reason
    return wrapped(f"{kind} since {since}; stopped {stopped}: {reason}")
