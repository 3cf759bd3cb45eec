"""The clinician's part of a follow-up: recorded, corrected, kept with its scores."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from outcomes.clinician_parts import catalogue, revisions, sheet, tasks
from outcomes.clinician_parts.catalogue import Part
from outcomes.clinician_parts.revisions import Reading
from outcomes.clinician_parts.sheet import Sheet
from outcomes.follow_ups import parts
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.planning import calendar
from outcomes.models import Episode, FollowUp
from patients.models import Patient

State = FollowUp.State
LIVE = (State.PLANNED, State.OPEN, State.STARTED, State.UNREACHABLE)
# A window that closed takes it still: it is kept, and the state stays.
RECORDABLE = (*LIVE, State.COMPLETED, State.EXPIRED)
REASON_LENGTH = 200


@transaction.atomic
def record(
    follow_up: FollowUp,
    *,
    values: Mapping[str, Decimal],
    examined_on: date,
    by: User,
    read_at: time | None = None,
    reason: str = "",
) -> FollowUp:
    """Keep what was found; what the record knows is kept with it.

    Whoever corrects what is there says why: that is a new revision. ValidationError
    names the part, and then nothing at all is saved.
    """
    now = clock.now()
    patient = requests.lock(follow_up.patient_id)
    follow_up.refresh_from_db()
    today = calendar.local_day(now, patient.time_zone)
    check_open(follow_up, patient, today)
    if follow_up.is_examined and not reason.strip():
        raise ValidationError({"reason": there_already(follow_up, patient)})
    found = sheet.of(follow_up, today)
    check_day(follow_up, examined_on, today)
    check_values(found, values)
    check_reading(values, examined_on, read_at, now, patient)
    if found.lacking:
        raise ValidationError({part.key: _not_there(part) for part in found.lacking})
    at = _moment(examined_on, read_at, now, patient.time_zone)
    is_correction = follow_up.is_examined
    kept = revisions.keep(found, Reading(values, examined_on, at), patient, now, by=by)
    _mark(follow_up, by, now)
    audit.record(
        by=by,
        action="follow_up.examined",
        about=follow_up,
        timepoint=follow_up.timepoint_key,
        said=sorted(values),
        in_record=sorted(found.known),
        revision=kept.revision if kept else None,
        is_correction=is_correction,
        reason=reason.strip()[:REASON_LENGTH],
    )
    follow_up.refresh_from_db()
    return follow_up


def take_from_record(found: Sheet, patient: Patient, now: datetime, *, by: By) -> None:
    """The same where nobody has to say anything: all of it stands there."""
    follow_up = found.follow_up
    at = _moment(found.on, None, now, patient.time_zone)
    revisions.keep(found, Reading({}, found.on, at), patient, now, by=by)
    _mark(follow_up, None, now)
    audit.record(
        by=by,
        action="follow_up.examined",
        about=follow_up,
        timepoint=follow_up.timepoint_key,
        said=[],
        in_record=sorted(found.known),
        is_correction=False,
    )


def _mark(follow_up: FollowUp, by: User | None, now: datetime) -> None:
    """Completes it where the patient's part is there, or none is asked."""
    rows = FollowUp.objects.filter(pk=follow_up.pk)
    who = {"examined_at": now, "examined_by": by}
    is_first = rows.filter(state__in=LIVE, examined_at__isnull=True).update(
        **who, **parts.clinic_done(now)
    )
    if not is_first:
        rows.filter(state__in=RECORDABLE).update(**who)
    tasks.done(follow_up, by, now)
    Episode.objects.filter(pk=follow_up.episode_id).update(facts_due_at=now)


def check_open(follow_up: FollowUp, patient: Patient, today: date) -> None:
    if not follow_up.is_for_clinician:
        raise ValidationError("Only the patient is asked here; nothing is examined.")
    if follow_up.state not in RECORDABLE:
        raise ValidationError(
            f"This follow-up is {follow_up.get_state_display().lower()}; nothing was "
            "saved."
        )
    if follow_up.opens_on > today:
        day = clock.in_words(follow_up.opens_on)
        raise ValidationError(f"Its window opens on {day}; until then it is too early.")
    if not patient.is_in_follow_up and not follow_up.is_examined:
        raise ValidationError("The patient has left follow-up; nothing was saved.")


def refusal(follow_up: FollowUp, today: date) -> str:
    """Why nothing can be recorded; empty where it can."""
    try:
        check_open(follow_up, follow_up.patient.kept, today)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def there_already(follow_up: FollowUp, patient: Patient) -> str:
    day = "earlier"
    if follow_up.examined_at is not None:
        day = clock.in_words(clock.day_of(follow_up.examined_at, patient.time_zone))
    who = follow_up.examined_by or "the record"
    return f"This was taken from {who} on {day}. Say why it is corrected."


def check_day(follow_up: FollowUp, examined_on: date, today: date) -> None:
    if examined_on > today:
        raise ValidationError({"examined_on": "This day is still to come."})
    if examined_on < follow_up.opens_on:
        day = clock.in_words(follow_up.opens_on)
        raise ValidationError({"examined_on": f"Its window opened on {day} only."})


def check_values(found: Sheet, values: Mapping[str, Decimal]) -> None:
    asked = {part.key: part for part in found.parts if part.is_asked}
    faults = {key: "This is not asked here." for key in values if key not in asked}
    for key, part in asked.items():
        if key in values and not part.fits(values[key]):
            faults[key] = _bounds(part)
    for part in found.asked:
        if part.is_required and part.key not in values:
            faults[part.key] = "Enter what was found."
    if faults:
        raise ValidationError(faults)


def check_reading(
    values: Mapping[str, Decimal],
    examined_on: date,
    read_at: time | None,
    now: datetime,
    patient: Patient,
) -> None:
    """Pain after a block means little without when it was asked."""
    if not catalogue.READ_AT_A_TIME & values.keys():
        return
    if read_at is None:
        raise ValidationError({"read_at": "Enter the time at which it was asked."})
    if calendar.moment(examined_on, read_at, patient.time_zone) > now:
        raise ValidationError({"read_at": "This time is still to come."})


def _bounds(part: Part) -> str:
    if part.how != catalogue.How.NUMBER:
        return "Choose one of the answers."
    whole = "" if part.unit in catalogue.MEASURED_IN else "whole "
    return f"Enter a {whole}number from {part.low} to {part.high}."


def _not_there(part: Part) -> str:
    if part.how == catalogue.How.PROCEDURE:
        return f"{part.name}: not recorded with the procedure yet."
    return f"{part.name}: no evaluation of these days has it yet."


def _moment(day: date, read_at: time | None, now: datetime, zone: str) -> datetime:
    """Of an earlier day without a time its noon."""
    if read_at is None and day == calendar.local_day(now, zone):
        return now
    return calendar.moment(day, read_at or time(12), zone)
