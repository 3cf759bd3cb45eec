"""How a red flag has long been, by a clinician's date: only a change of it is news."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import User
from patients import rows
from patients.catalogue import red_flags as catalogue
from patients.models import Patient, RedFlagBaseline
from patients.models.patient import validate_lived, validate_past
from patients.triage import reasons

NOTE_LENGTH = RedFlagBaseline._meta.get_field("note").max_length or 0


@transaction.atomic
def record(
    patient: Patient, *, by: User, flag: str, stands_since: date, note: str
) -> RedFlagBaseline:
    """From now on only "new or worse" than this is a flag; replaces an older one."""
    if flag not in catalogue.red_flags():
        raise ValidationError({"flag": f"{flag!r} is not a red flag."})
    if not catalogue.red_flags()[flag].has_baseline:
        raise ValidationError({"flag": "Nobody has long had this: each yes counts."})
    note = reasons.typed(
        note,
        "Describe how it is, so that a change can be told.",
        field="note",
        most=NOTE_LENGTH,
    )
    today = clock.today(patient.time_zone)
    validate_past("stands_since", stands_since, today)
    validate_lived("stands_since", stands_since, patient)
    rows.hold_patient(patient)
    older = RedFlagBaseline.objects.of_person(patient).filter(flag=flag, ended_on=None)
    older.update(ended_on=today)
    made = RedFlagBaseline.objects.create(
        clinic_id=patient.clinic_id,
        patient=patient,
        flag=flag,
        stands_since=stands_since,
        note=note,
        recorded_by=by,
    )
    audit.record(
        by=by,
        action="red_flag.baseline_set",
        about=made,
        flag=flag,
        since=str(stands_since),
    )
    return made


@transaction.atomic
def end(baseline: RedFlagBaseline, *, by: User) -> RedFlagBaseline:
    """It is not so any more: any yes to this flag counts again."""
    rows.hold_patient(baseline.patient)
    today = clock.today(baseline.patient.time_zone)
    held = RedFlagBaseline.objects.filter(pk=baseline.pk, ended_on=None)
    if not held.update(ended_on=today):
        raise ValidationError("This has ended already.")
    baseline.refresh_from_db()
    audit.record(
        by=by, action="red_flag.baseline_ended", about=baseline, flag=baseline.flag
    )
    return baseline


def standing(patient: Patient) -> dict[str, RedFlagBaseline]:
    """How it has long been, by flag."""
    held = RedFlagBaseline.objects.of_person(patient).filter(ended_on=None)
    return {baseline.flag: baseline for baseline in held.order_by("pk")}
