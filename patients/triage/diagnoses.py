"""What the pain is called: ICD-10-CM codes on a complaint."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.models import Complaint, Diagnosis
from patients.triage import code_checks, reasons

Status = Diagnosis.Status
# What can be changed later; code, wording and side stay as they were recorded.
REVISED = ("certainty", "role", "status")


@transaction.atomic
def diagnose(
    complaint: Complaint,
    *,
    by: By,
    code: str,
    title: str = "",
    side: str | None = None,
    role: str = Diagnosis.Role.SOURCE,
    certainty: str = Diagnosis.Certainty.SUSPECTED,
    is_other_side: bool = False,
    is_unrelated: bool = False,
) -> Diagnosis:
    """An ICD-10-CM code, with the wording and release of our list pinned to the row.

    One that our list lacks is kept as typed, with `title` as its words, if any.
    """
    checked = code_checks.read(code)
    rows.lock_complaint(complaint)
    side = code_checks.side_of(checked, complaint, side, is_other_side=is_other_side)
    _refuse_twin(complaint, checked.code)
    if certainty != Diagnosis.Certainty.REFUTED and not is_unrelated:
        code_checks.refuse_excluded(checked.code, complaint.diagnoses.all())
    known, title = checked.known, title.strip()
    if known and title not in ("", known.title):
        raise ValidationError({"title": "The wording of a code is that of our list."})
    diagnosis = Diagnosis(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        code=checked.code,
        side=side,
        is_listed=known is not None,
        title=known.title if known else title,
        release=known.release if known else "",
        role=role,
        certainty=certainty,
        recorded_on=clock.today(complaint.patient.time_zone),
        recorded_by=by if isinstance(by, User) else None,
    )
    _check(diagnosis)
    diagnosis.save()
    audit.record(
        by=by,
        action="diagnosis.recorded",
        about=diagnosis,
        code=checked.code,
        side=side,
        is_listed=diagnosis.is_listed,
        role=role,
        certainty=certainty,
        is_unrelated=is_unrelated,
    )
    consequences.apply("complaint.named", complaint)
    return diagnosis


@transaction.atomic
def revise_diagnosis(
    diagnosis: Diagnosis,
    *,
    by: By,
    reason: str = "",
    is_unrelated: bool = False,
    seen: Mapping[str, str] | None = None,
    **wanted: str,
) -> Diagnosis:
    """Change certainty, role or status; the audit keeps what it was before.

    `seen` is how a form found it: what it left as it was, it does not change, and
    what somebody else changed meanwhile is not overwritten.
    """
    rows.lock_complaint(diagnosis.complaint)
    diagnosis.refresh_from_db(fields=[*REVISED, "status_reason"])
    if diagnosis.status == Status.ENTERED_IN_ERROR:
        raise ValidationError("This diagnosis was entered in error.")
    before = {name: getattr(diagnosis, name) for name in REVISED}
    changes = _changes(before, wanted, seen)
    if not changes:
        return diagnosis
    was_standing = diagnosis.is_standing
    for name, value in changes.items():
        setattr(diagnosis, name, value)
    if "status" in changes:
        diagnosis.status_reason = _reason(diagnosis.status, reason)
    if diagnosis.is_standing and not was_standing:
        others = diagnosis.complaint.diagnoses.exclude(pk=diagnosis.pk)
        _refuse_twin(diagnosis.complaint, diagnosis.code, but=diagnosis)
        if not is_unrelated:
            code_checks.refuse_excluded(diagnosis.code, others)
    _check(diagnosis)
    diagnosis.save(update_fields=[*REVISED, "status_reason"])
    audit.record(
        by=by,
        action="diagnosis.revised",
        about=diagnosis,
        code=diagnosis.code,
        before={name: before[name] for name in changes},
        after=dict(changes),
    )
    consequences.apply("complaint.named", diagnosis.complaint)
    return diagnosis


def _changes(
    before: Mapping[str, str], wanted: Mapping[str, str], seen: Mapping[str, str] | None
) -> dict[str, str]:
    unknown = [name for name in wanted if name not in REVISED]
    if unknown:
        raise TypeError(f"{unknown[0]} of a diagnosis cannot be revised")
    seen = before if seen is None else {**before, **seen}
    touched = {name: value for name, value in wanted.items() if value != seen[name]}
    for name, value in touched.items():
        if before[name] not in (seen[name], value):
            raise ValidationError(
                {name: f"Somebody else made it “{before[name]}” meanwhile; look again."}
            )
    return {n: value for n, value in touched.items() if value != before[n]}


def _reason(status: str, reason: str) -> str:
    if status == Status.ENTERED_IN_ERROR:
        return reasons.typed(reason, "Say why, such as: another patient's.")
    return reasons.bounded(reason)


def _refuse_twin(complaint: Complaint, code: str, but: Diagnosis | None = None) -> None:
    twins = complaint.diagnoses.filter(code=code, status=Status.ACTIVE)
    if any(twin != but for twin in twins):
        raise ValidationError({"code": f"{code} is already on this complaint."})


def _check(diagnosis: Diagnosis) -> None:
    not_checked = [] if diagnosis.is_listed else ["title", "release"]
    diagnosis.full_clean(exclude=["recorded_by", *not_checked])
    if len(diagnosis.title) > 255:
        raise ValidationError({"title": "Use at most 255 characters."})


def form_of(diagnosis: Diagnosis) -> dict[str, Any]:
    """How a form finds it, to be handed back as `seen`."""
    return {name: getattr(diagnosis, name) for name in REVISED}
