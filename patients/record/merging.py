"""Two records of one person read as one, and apart again; no row of either moves."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients.models import Consent, Patient, PatientMerge
from patients.record import consents, search_index, separating, standing

Scope = Consent.Scope


@transaction.atomic
def merge(kept: Patient, *, merged: Patient, reason: str, by: By) -> PatientMerge:
    """Read `merged` as a part of `kept`, whose contacts, consents and dates count."""
    check(kept, merged, reason)
    _hold_both(kept, merged)
    # Once more, as they stand now: two may have pressed at once.
    check(kept, merged, reason)
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    made = PatientMerge.objects.create(
        clinic_id=kept.clinic_id,
        kept=kept,
        merged=merged,
        reason=reason.strip(),
        kept_withdrawn_on=kept.withdrawn_on,
        kept_deceased_on=kept.deceased_on,
        kept_hold_until=kept.hold_until,
        merged_by=by if isinstance(by, User) else None,
    )
    search_index.refresh(kept)
    consequences.apply("patient.merged", kept, merged=merged, by=by)
    _audit("patient.merged", kept, merged, by)
    return made


@transaction.atomic
def unmerge(merged: Patient, *, by: By) -> Patient:
    """Let both stand by themselves again; returns the record that was kept.

    What was said meanwhile is heard on both, as `separating` says.
    """
    standing.hold_row(merged)
    kept = merged.merged_into
    if kept is None:
        raise ValidationError(
            {"merged": f"MRN {merged.mrn} is not merged into another record."}
        )
    standing.hold_row(kept)
    merged.merged_into = None
    merged.save(update_fields=["merged_into"])
    made = PatientMerge.objects.get(merged=merged, undone_at=None)
    made.undone_at = clock.now()
    made.undone_by = by if isinstance(by, User) else None
    made.save(update_fields=["undone_at", "undone_by"])
    separating.carry(made, kept, merged, by=by)
    search_index.refresh(kept)
    search_index.refresh(merged)
    consequences.apply("patient.unmerged", kept, merged=merged, by=by)
    _audit("patient.unmerged", kept, merged, by)
    return kept


def check(kept: Patient, merged: Patient, reason: str) -> None:
    """Raises ValidationError naming the field, with what to do."""
    most = PatientMerge._meta.get_field("reason").max_length or 0
    if not 0 < len(reason.strip()) <= most:
        raise ValidationError(
            {"reason": f"Say how you know, in at most {most} characters."}
        )
    if kept.pk == merged.pk:
        raise ValidationError({"merged": "This is the same record; name another one."})
    if kept.clinic_id != merged.clinic_id:
        raise ValidationError({"merged": "There is no such patient in this clinic."})
    for record in (kept, merged):
        if record.merged_into is not None:
            raise ValidationError(
                {
                    "merged": f"MRN {record.mrn} was merged into MRN "
                    f"{record.merged_into.mrn} already; take that one, or separate "
                    "them first."
                }
            )
    if merged.merged_records.exists():
        raise ValidationError(
            {
                "merged": f"Other records were merged into MRN {merged.mrn}; keep that "
                "one, or separate them first."
            }
        )
    if standing_of(merged) > standing_of(kept):
        raise ValidationError(
            {
                "merged": f"MRN {merged.mrn} says that asking stops or pauses, and MRN "
                f"{kept.mrn} does not: keep MRN {merged.mrn}, or record the same there."
            }
        )
    check_consents(kept, merged)


def check_consents(kept: Patient, merged: Patient) -> None:
    """The kept record's consents count: none may stand that was taken back here."""
    both = consents.taken_back(merged) & {*consents.in_force(kept)}
    if not both:
        return
    said = ", ".join(f"“{Scope(s).label}”" for s in Scope.values if s in both)
    raise ValidationError(
        {
            "merged": f"MRN {merged.mrn} has withdrawn {said}, and MRN {kept.mrn} "
            f"still agrees: keep MRN {merged.mrn}, or withdraw it on MRN {kept.mrn} "
            f"too. If the patient agrees again, record that on MRN {merged.mrn} first."
        }
    )


def standing_of(patient: Patient) -> tuple[bool, date]:
    """How far asking has stopped; whoever said stop is heard after a merge too."""
    hold_until = patient.hold_until if patient.is_on_hold else None
    return not patient.is_in_follow_up, hold_until or date.min


def _hold_both(one: Patient, other: Patient) -> None:
    """In one order, whoever presses: two merges crosswise wait for each other."""
    for record in sorted((one, other), key=lambda record: record.pk):
        # Without the record it leads to: PostgreSQL would join the one from before
        # the wait, and say that it leads nowhere.
        standing.hold_row(record)


def _audit(action: str, kept: Patient, merged: Patient, by: By) -> None:
    audit.record(
        by=by,
        action=action,
        about=kept,
        patients=[kept.pk, merged.pk],
        kept=str(kept.pk),
        merged=str(merged.pk),
    )
