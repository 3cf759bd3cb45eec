"""The clock of a weakness: days since onset, until a clinician says it is over.

Recovery of a foot drop depends on how short it has lasted and how strong the muscle
still is (scoping review of 16 studies, 811 patients: FD_SCOPING2025); for pain alone
no such clock exists.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.catalogue import findings
from patients.models import Complaint, Evaluation, Finding, Patient
from patients.triage import reasons, studies
from patients.triage.origin_items import Cell

Deficit = Complaint.Deficit
URGENCY = tuple(Deficit)
CAUDA_EQUINA_FLAGS = ("RF01", "RF02", "RF03", "RF04", "RF05")
FULL_STRENGTH = "5"


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    since: date | None


def follow(evaluation: Evaluation, *, changed: Iterable[Cell], by: By) -> None:
    """Start the clock, or make it more urgent, by what this save recorded.

    A yes of the patient's counts beside a "no" of staff's. A later "no" does not stop
    it: a clinician does, with a reason.
    """
    now = evaluation.revision
    heard = Q(replaced_in=None) | Q(replaced_in=now, revision=now)
    shown = {
        (f.code, f.side): found
        for f in evaluation.findings.filter(heard)
        if (found := deficit_of(f))
    }
    fresh = [shown[cell] for cell in changed if cell in shown]
    if not fresh:
        return
    complaint = evaluation.complaint
    given = [found.since for found in shown.values() if found.since]
    if complaint.is_clock_running:
        since = _earliest(evaluation, given, complaint.deficit_since)
        kinds = [found.kind for found in shown.values()] + [complaint.deficit_kind]
    else:
        since = min(given) if given else evaluation.examined_on
        kinds = [found.kind for found in shown.values()]
    _set(complaint, min(kinds, key=_urgency), since, by=by)


def _earliest(
    evaluation: Evaluation, given: list[date], held: date | None
) -> date | None:
    """A milder sign of a later day does not set the clock back; a corrected date does.

    It was corrected where this very save replaced the finding that had brought it.
    """
    replaced = evaluation.findings.filter(
        replaced_in=evaluation.revision, since_on=held
    )
    if given and held and replaced.exists():
        return min(given)
    return min([*given, held] if held else given, default=held)


def deficit_of(finding: Finding) -> Found | None:
    if finding.code in CAUDA_EQUINA_FLAGS and finding.value == findings.PRESENT:
        return Found(Deficit.CAUDA_EQUINA, finding.since_on)
    if finding.code == "foot_drop" and finding.value == findings.PRESENT:
        return Found(Deficit.FOOT_DROP, finding.since_on)
    if finding.code in ("weakness", "arm_weakness", "RF06"):
        is_present = finding.value == findings.PRESENT
        return Found(Deficit.WEAKNESS, finding.since_on) if is_present else None
    definition = findings.definitions().get(finding.code)
    is_grade = definition is not None and definition.kind == findings.Kind.GRADE
    if is_grade and finding.value != FULL_STRENGTH:
        return Found(Deficit.WEAKNESS, None)
    return None


@transaction.atomic
def stop(complaint: Complaint, *, by: User, reason: str) -> Complaint:
    """The weakness was treated or is gone; the reason is kept."""
    reason = reasons.typed(reason, "Say why, such as: full strength again.")
    rows.lock_complaint(complaint)
    if not complaint.is_clock_running:
        raise ValidationError("The clock is not running.")
    complaint.deficit_ended_on = clock.today(complaint.patient.time_zone)
    complaint.deficit_end_reason = reason
    complaint.save(update_fields=["deficit_ended_on", "deficit_end_reason"])
    studies.follow_clock(complaint, by=by)
    audit.record(
        by=by,
        action="clock.stopped",
        about=complaint,
        kind=complaint.deficit_kind,
        since=str(complaint.deficit_since),
    )
    return complaint


def attach_clocks(patients: Collection[Patient], *, user: User | AnonymousUser) -> None:
    """Give each record its running clocks as `clocks`, the most urgent first.

    One query for all of a page; those of a merged record run for the kept one.
    """
    found: dict[UUID, list[Complaint]] = defaultdict(list)
    people = {patient.pk: patient for patient in patients}
    visible = Complaint.objects.visible_to(user).with_running_clock()
    records = Patient.objects.filter(Q(pk__in=people) | Q(merged_into__in=people))
    running = visible.filter(patient__in=records.values("pk"))
    for complaint in running.select_related("patient"):
        found[complaint.patient.kept_id].append(complaint)
    for patient in patients:
        patient.clocks = found[patient.pk]
        for complaint in patient.clocks:
            # Spares the zone's query, which days are counted in.
            complaint.patient = patient


def _set(complaint: Complaint, kind: str, since: date | None, *, by: By) -> None:
    before = (complaint.deficit_kind, complaint.deficit_since)
    if complaint.is_clock_running and before == (kind, since):
        return
    complaint.deficit_kind, complaint.deficit_since = kind, since
    complaint.deficit_ended_on, complaint.deficit_end_reason = None, ""
    complaint.save(
        update_fields=[
            "deficit_kind",
            "deficit_since",
            "deficit_ended_on",
            "deficit_end_reason",
        ]
    )
    studies.follow_clock(complaint, by=by)
    audit.record(
        by=by, action="clock.started", about=complaint, kind=kind, since=str(since)
    )


def _urgency(kind: str) -> int:
    return [str(each) for each in URGENCY].index(kind)
