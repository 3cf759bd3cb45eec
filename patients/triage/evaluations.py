"""Evaluations: begun as a draft, filled finding by finding, signed, then kept.

A form says upon which save it was filled in. What somebody else saved meanwhile is
kept; where both changed the same finding, the stored one stays and both are shown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.catalogue import findings, release
from patients.models import Complaint, Evaluation, Finding, RedFlag
from patients.triage import cells, early_intervention, flags, reasons
from patients.triage.origin_items import Cell


@dataclass(frozen=True, slots=True)
class Saved:
    """found_at is the revision that the save met; above `seen`, others were there."""

    evaluation: Evaluation
    changed: Sequence[Cell]
    conflicts: Sequence[cells.Conflict] = ()
    raised: Sequence[RedFlag] = field(default=())
    found_at: int = 0


@transaction.atomic
def start(
    complaint: Complaint, *, by: By, examined_on: date | None = None
) -> Evaluation:
    """The draft that is open for this complaint, or a new one."""
    rows.lock_complaint(complaint)
    standing = complaint.evaluations.filter(state=Evaluation.State.DRAFT).first()
    if standing is not None:
        if isinstance(by, User) and is_of_patient(standing):
            # Asked for before the visit: the day it was asked on says nothing.
            standing.examined_on = clock.today(complaint.patient.time_zone)
            standing.save(update_fields=["examined_on"])
        audit.record(by=by, action="evaluation.resumed", about=standing)
        return standing
    evaluation = Evaluation(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        examined_on=examined_on or clock.today(complaint.patient.time_zone),
        catalogue_version=release.version(),
        started_by=by if isinstance(by, User) else None,
    )
    evaluation.full_clean(exclude=["started_by", "signed_by", "signed_at"])
    evaluation.save()
    audit.record(by=by, action="evaluation.started", about=evaluation)
    return evaluation


def is_of_patient(evaluation: Evaluation) -> bool:
    """Whether the patient has said something and nobody else has entered anything."""
    said = set(evaluation.findings.values_list("informant", flat=True))
    return said == {Finding.Informant.PATIENT}


@transaction.atomic
def record(
    evaluation: Evaluation,
    *,
    by: By,
    entries: cells.Entries,
    seen: int | None = None,
    informant: str = Finding.Informant.STAFF,
) -> Saved:
    """Keep what changed; `seen` is the revision that the form was filled in upon.

    What the patient says never replaces what staff have entered: it is kept beside it.
    ValidationError names each cell as `code.side`; then nothing at all is saved.
    """
    lock_draft(evaluation)
    found_at = evaluation.revision
    seen = found_at if seen is None else seen
    if seen > found_at:
        raise ValidationError(
            {"seen": f"The newest revision is {found_at}; read the evaluation again."}
        )
    wanted = cells.checked(evaluation, entries)
    stored, base = standing(evaluation), as_of(evaluation, seen)
    changes, conflicts = cells.merge(wanted, stored, base, by=by)
    beside = cells.said_beside(changes, stored, informant)
    before = {cell: finding.value for cell, finding in stored.items()}
    if changes:
        write(evaluation, changes, stored, by=by, informant=informant, beside=beside)
        audit.record(
            by=by,
            action="evaluation.recorded",
            about=evaluation,
            findings=sorted(cells.cell_name(cell) for cell in changes),
            revision=evaluation.revision,
        )
    unheard = {conflict.cell for conflict in conflicts} | beside
    insisted = cells.said_again(wanted, unheard, informant)
    raised: list[RedFlag] = []
    if changes or insisted:
        raised = flags.report_findings(
            evaluation,
            before=before,
            after=values(evaluation) | dict.fromkeys(insisted, findings.PRESENT),
            by=by,
            informant=informant,
            insisted={code for code, _ in insisted},
        )
        early_intervention.follow(evaluation, changed=set(changes), by=by)
    return Saved(evaluation, sorted(changes), conflicts, raised, found_at)


@transaction.atomic
def mark_normal(
    evaluation: Evaluation, *, by: By, block: str, leaving: Collection[Cell] = ()
) -> Saved:
    """Record as normal, and so as examined, what of a block nobody has recorded yet.

    Cells in `leaving` stay blank: something else was found there, and refused.
    """
    asked = findings.blocks_of(evaluation.complaint.pain_site).get(block, [])
    usual = [d for d in asked if d.normal]
    if not usual:
        raise ValidationError({"block": f"Nothing in {block!r} can be called normal."})
    lock_draft(evaluation)
    held = standing(evaluation)
    blank = {
        (d.key, side): cells.Entry(d.normal)
        for d in usual
        for side in d.sides
        if (d.key, side) not in held and (d.key, side) not in leaving
    }
    return record(evaluation, by=by, entries=blank)


@transaction.atomic
def sign(evaluation: Evaluation, *, by: User, seen: int | None = None) -> Evaluation:
    """The clinician stands for it; from now on it stays as it is.

    ValidationError where something was saved after `seen`, the revision that was read.
    """
    lock_draft(evaluation)
    if seen is not None and seen != evaluation.revision:
        raise ValidationError(
            {
                "seen": f"This is revision {evaluation.revision} by now, not {seen}: "
                "look at what was saved since, then sign."
            }
        )
    if not values(evaluation):
        raise ValidationError("Nothing is recorded yet: there is nothing to sign.")
    evaluation.state = Evaluation.State.SIGNED
    evaluation.signed_by, evaluation.signed_at = by, clock.now()
    evaluation.save(update_fields=["state", "signed_by", "signed_at"])
    _take_onset(evaluation, by=by)
    audit.record(
        by=by,
        action="evaluation.signed",
        about=evaluation,
        revision=evaluation.revision,
        catalogue=evaluation.catalogue_version,
    )
    consequences.apply("evaluation.closed", evaluation, by=by)
    return evaluation


def _take_onset(evaluation: Evaluation, *, by: User) -> None:
    """What was signed of the onset is what every page and report says of it."""
    complaint = evaluation.complaint
    said = values(evaluation).get(("pain_onset", "none"))
    began_on = date.fromisoformat(said) if said else complaint.onset_on
    if began_on == complaint.onset_on:
        return
    before, complaint.onset_on = complaint.onset_on, began_on
    complaint.save(update_fields=["onset_on"])
    audit.record(
        by=by,
        action="complaint.onset_moved",
        about=complaint,
        before=str(before or ""),
        after=str(began_on),
    )


@transaction.atomic
def move(evaluation: Evaluation, *, by: By, examined_on: date) -> Evaluation:
    """The visit was on another day."""
    lock_draft(evaluation)
    before, evaluation.examined_on = evaluation.examined_on, examined_on
    evaluation.full_clean(exclude=["started_by", "signed_by", "signed_at"])
    evaluation.save(update_fields=["examined_on"])
    audit.record(
        by=by,
        action="evaluation.moved",
        about=evaluation,
        before=str(before),
        after=str(examined_on),
    )
    return evaluation


@transaction.atomic
def enter_in_error(evaluation: Evaluation, *, by: User, reason: str) -> Evaluation:
    """It was about somebody or something else; kept, and counted nowhere."""
    reason = reasons.typed(reason, "Say why, in a few words.")
    rows.lock_complaint(evaluation.complaint)
    evaluation.refresh_from_db(fields=["state", "revision"])
    before = evaluation.state
    if before == Evaluation.State.ENTERED_IN_ERROR:
        return evaluation
    evaluation.state = Evaluation.State.ENTERED_IN_ERROR
    evaluation.state_reason = reason
    evaluation.save(update_fields=["state", "state_reason"])
    audit.record(
        by=by, action="evaluation.entered_in_error", about=evaluation, before=before
    )
    consequences.apply("evaluation.closed", evaluation, by=by)
    return evaluation


def lock_draft(evaluation: Evaluation) -> None:
    """Reads it afresh and holds it; ValidationError once it is signed or an error."""
    rows.lock_complaint(evaluation.complaint)
    evaluation.refresh_from_db(fields=["state", "revision", "examined_on"])
    if not evaluation.is_draft:
        state = evaluation.get_state_display().lower()
        raise ValidationError(
            f"This evaluation is {state} and stays as it is; start a new one."
        )


def write(
    evaluation: Evaluation,
    changes: cells.Entries,
    stored: Mapping[Cell, Finding],
    *,
    by: By,
    informant: str,
    beside: Collection[Cell] = (),
) -> None:
    """A new revision; what it replaces is kept.

    What is said beside a standing entry is as good as replaced by it at once.
    """
    evaluation.revision += 1
    evaluation.save(update_fields=["revision"])
    replaced = [
        stored[cell].pk for cell in changes if cell in stored and cell not in beside
    ]
    Finding.objects.filter(pk__in=replaced).update(
        replaced_in=evaluation.revision,
        replaced_by=by if isinstance(by, User) else None,
    )
    Finding.objects.bulk_create(
        Finding(
            clinic_id=evaluation.clinic_id,
            evaluation=evaluation,
            code=cell[0],
            side=cell[1],
            value=entry.value,
            since_on=entry.since_on,
            informant=informant,
            entered_by=by if isinstance(by, User) else None,
            revision=evaluation.revision,
            replaced_in=evaluation.revision if cell in beside else None,
            replaced_by=stored[cell].entered_by if cell in beside else None,
        )
        for cell, entry in changes.items()
        if entry is not None
    )


def standing(evaluation: Evaluation) -> dict[Cell, Finding]:
    """What is recorded now."""
    found = Finding.objects.filter(evaluation=evaluation, replaced_in=None)
    return {(f.code, f.side): f for f in found.select_related("entered_by")}


def said_otherwise(
    evaluation: Evaluation, standing_now: Mapping[Cell, Finding]
) -> dict[Cell, Finding]:
    """The patient's last word on what staff have entered differently, or taken back."""
    said = Finding.objects.filter(
        evaluation=evaluation, informant=Finding.Informant.PATIENT
    ).order_by("revision")
    last = {(f.code, f.side): f for f in said}
    return {
        cell: finding
        for cell, finding in last.items()
        if was_passed_over(finding) and not _says(standing_now.get(cell), finding)
    }


def was_passed_over(finding: Finding) -> bool:
    """By staff, at once or later; what the patient took back is nobody's word."""
    is_at_once = finding.replaced_in == finding.revision
    return is_at_once or finding.replaced_by_id is not None


def _says(standing_now: Finding | None, finding: Finding) -> bool:
    return standing_now is not None and cells.entry_of(standing_now) == cells.entry_of(
        finding
    )


def values(evaluation: Evaluation) -> dict[Cell, str]:
    return {cell: finding.value for cell, finding in standing(evaluation).items()}


def as_of(evaluation: Evaluation, revision: int) -> dict[Cell, cells.Entry]:
    """What was recorded after that save."""
    found = Finding.objects.filter(evaluation=evaluation, revision__lte=revision)
    then = found.filter(Q(replaced_in=None) | Q(replaced_in__gt=revision))
    return cells.values_of(then)
