"""Adverse events of a patient: opened, rated, closed, and never deleted.

By staff, out of a patient's words or by a patient's answer; what it comes from is
for the raters to say, each in a row that stays.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences, reference_data
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.models import Complaint, Patient
from patients.models.patient import validate_lived, validate_past
from patients.triage import reasons
from plans.harm import catalogue
from plans.models import AdverseEvent, AdverseEventRating, Intervention

Status = AdverseEvent.Status
Outcome = AdverseEvent.Outcome
DESCRIPTION_LENGTH = 2000
NOTE_LENGTH = 300
# How it may end; what still goes on stays open.
ENDED = (Outcome.RECOVERED, Outcome.SEQUELAE, Outcome.FATAL, Outcome.UNKNOWN)
GOING_ON = (Outcome.ONGOING, Outcome.RECOVERING)
AMENDABLE = (
    "onset_on",
    "category",
    "description",
    "is_serious",
    "is_expected",
    "outcome",
    "reported_to",
)


@transaction.atomic
def open_event(
    patient: Patient,
    *,
    by: By,
    onset_on: date,
    category: str,
    complaint: Complaint | None = None,
    intervention: Intervention | None = None,
    origin: str = AdverseEvent.Origin.STAFF,
    **said: Any,
) -> AdverseEvent:
    """Put something bad on the ledger; `said` are columns of AMENDABLE.

    The intervention is what it is suspected to come from, and names the complaint.
    """
    patient = patient.kept
    rows.hold_patient(patient)
    if intervention is not None:
        check_intervention(intervention, patient)
        complaint = complaint or intervention.plan.complaint
    check_complaint(complaint, intervention, patient)
    event = AdverseEvent(
        clinic_id=patient.clinic_id,
        patient=patient,
        complaint=complaint,
        intervention=intervention,
        origin=origin,
        opened_by=by if isinstance(by, User) else None,
    )
    change(event, {"onset_on": onset_on, "category": category, **said})
    check_not_there(event)
    event.save()
    audit.record(
        by=by, action="adverse_event.opened", about=event, origin=origin, **facts(event)
    )
    consequences.apply("adverse_event.opened", event, by=by)
    return event


def check_intervention(intervention: Intervention, patient: Patient) -> None:
    if intervention.plan.complaint.patient.kept_id != patient.pk:
        raise ValidationError(
            {"intervention": "This was done on another patient; choose one of theirs."}
        )
    if intervention.status == Intervention.Status.ENTERED_IN_ERROR:
        raise ValidationError(
            {"intervention": "This was entered in error; choose what was done."}
        )


def check_complaint(
    complaint: Complaint | None, intervention: Intervention | None, patient: Patient
) -> None:
    if complaint is None:
        return
    if complaint.patient.kept_id != patient.pk:
        raise ValidationError(
            {"complaint": "This is another patient's; choose one of theirs."}
        )
    if intervention is not None and intervention.plan.complaint_id != complaint.pk:
        raise ValidationError(
            {"complaint": "The intervention was for another complaint; leave it empty."}
        )


def check_not_there(event: AdverseEvent) -> None:
    """The same press twice, or two people with the same news."""
    same = AdverseEvent.objects.standing().filter(
        patient=event.patient,
        intervention=event.intervention,
        onset_on=event.onset_on,
        category=event.category,
        description=event.description,
    )
    if same.exists():
        raise ValidationError(
            "This event is on the ledger already; say in the description what differs."
        )


def change(event: AdverseEvent, said: Mapping[str, Any]) -> None:
    """Set what was said, checked; nothing is saved."""
    for name, value in said.items():
        if name not in AMENDABLE:
            raise ValidationError({name: "This cannot be changed here."})
        setattr(event, name, value)
    event.description = reasons.bounded(
        event.description, field="description", most=DESCRIPTION_LENGTH
    )
    event.reported_to = list(event.reported_to)
    check_day("onset_on", event.onset_on, event.patient)
    check_words(event)


def check_day(field: str, day: date, patient: Patient) -> None:
    validate_past(field, day, clock.today(patient.time_zone))
    validate_lived(field, day, patient)
    if patient.deceased_on is not None and day > patient.deceased_on:
        raise ValidationError(
            {field: f"{clock.in_words(day)} is after the patient died."}
        )


def check_words(event: AdverseEvent) -> None:
    known(event.category, catalogue.categories(), "category")
    if event.category == catalogue.OTHER and not event.description:
        raise ValidationError({"description": "Say what happened."})
    known(event.outcome, Outcome.values, "outcome")
    for key in event.reported_to:
        known(key, catalogue.receivers(), "reported_to")
    if catalogue.NOBODY in event.reported_to and len(event.reported_to) > 1:
        raise ValidationError(
            {"reported_to": "“Nobody” goes with no other; choose one or the other."}
        )


def known(key: str, words: Collection[str], field: str) -> None:
    if key not in words:
        raise ValidationError({field: f"Choose one of {', '.join(words)}."})


def facts(event: AdverseEvent) -> dict[str, Any]:
    """What of it can be changed, for the audit; of a text only that it is another."""
    found = {name: getattr(event, name) for name in AMENDABLE}
    return {
        **found,
        "onset_on": event.onset_on.isoformat(),
        "description": reference_data.fingerprint(event.description)[:12],
    }


@transaction.atomic
def amend(event: AdverseEvent, *, by: User, **said: Any) -> AdverseEvent:
    """Correct or complete what was said of it, while it is open."""
    hold(event)
    if event.status != Status.OPEN:
        raise ValidationError(
            f"This event is {event.get_status_display().lower()}; open it again first."
        )
    before = facts(event)
    change(event, said)
    event.save(update_fields=list(AMENDABLE))
    after = facts(event)
    changed = [name for name in AMENDABLE if before[name] != after[name]]
    audit.record(
        by=by,
        action="adverse_event.amended",
        about=event,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return event


@transaction.atomic
def rate(
    event: AdverseEvent, *, by: User, grade: int, relatedness: str, note: str = ""
) -> AdverseEventRating:
    """What one clinician thinks of it; thinking again adds another row."""
    hold(event)
    if event.status == Status.ENTERED_IN_ERROR:
        raise ValidationError("This event was entered in error; there is no rating it.")
    known(str(grade), catalogue.grades(), "grade")
    known(relatedness, AdverseEvent.Relatedness.values, "relatedness")
    note = reasons.bounded(note, field="note", most=NOTE_LENGTH)
    last = event.ratings.filter(rater=by).order_by("pk").last()
    if last and (last.grade, last.relatedness, last.note) == (grade, relatedness, note):
        raise ValidationError("You have rated it so already.")
    rating = AdverseEventRating.objects.create(
        clinic_id=event.clinic_id,
        event=event,
        rater=by,
        grade=grade,
        relatedness=relatedness,
        note=note,
    )
    audit.record(
        by=by,
        action="adverse_event.rated",
        about=event,
        rating=str(rating.pk),
        before=last and {"grade": last.grade, "relatedness": last.relatedness},
        after={"grade": grade, "relatedness": relatedness},
    )
    return rating


@transaction.atomic
def close(
    event: AdverseEvent, *, by: User, outcome: str, resolved_on: date | None = None
) -> AdverseEvent:
    """It has ended, as said; only what a clinician has rated."""
    hold(event)
    if not event.ratings.exists():
        raise ValidationError("Rate it first: how severe, and how far it is related.")
    check_end(event, outcome, resolved_on)
    return move(
        event,
        Status.OPEN,
        Status.CLOSED,
        by=by,
        outcome=outcome,
        resolved_on=resolved_on,
        status_reason="",
    )


def check_end(event: AdverseEvent, outcome: str, resolved_on: date | None) -> None:
    known(outcome, ENDED, "outcome")
    if resolved_on is None:
        return
    if outcome == Outcome.UNKNOWN:
        raise ValidationError(
            {"resolved_on": "Say how it ended, or leave the day empty."}
        )
    check_day("resolved_on", resolved_on, event.patient)
    if resolved_on < event.onset_on:
        raise ValidationError({"resolved_on": "This is before it began."})


@transaction.atomic
def reopen(event: AdverseEvent, *, by: User, reason: str) -> AdverseEvent:
    """It was not over: it goes on, or more is known."""
    reason = reasons.typed(reason, "Say why it is opened again.")
    hold(event)
    return move(
        event,
        Status.CLOSED,
        Status.OPEN,
        by=by,
        outcome=Outcome.ONGOING,
        resolved_on=None,
        status_reason=reason,
    )


@transaction.atomic
def take_back(event: AdverseEvent, *, by: User, reason: str) -> AdverseEvent:
    """It never happened, or to somebody else; it stays on record with the reason."""
    reason = reasons.typed(reason, "Say why, such as: another patient.")
    hold(event)
    if event.status == Status.ENTERED_IN_ERROR:
        raise ValidationError(
            f"It was taken back already: {event.status_reason or 'no reason is kept'}."
        )
    return move(
        event, event.status, Status.ENTERED_IN_ERROR, by=by, status_reason=reason
    )


def hold(event: AdverseEvent) -> None:
    """Read afresh; one writer at a time until the transaction ends."""
    rows.hold_patient(event.patient)
    event.refresh_from_db(fields=["status", "status_reason", *AMENDABLE, "resolved_on"])


ACTIONS = {
    Status.CLOSED: "adverse_event.closed",
    Status.OPEN: "adverse_event.reopened",
    Status.ENTERED_IN_ERROR: "adverse_event.taken_back",
}


def move(
    event: AdverseEvent,
    before: str,
    after: AdverseEvent.Status,
    *,
    by: User,
    **columns: Any,
) -> AdverseEvent:
    """From one state to the next once only, also when two people press at once."""
    kept = {name: getattr(event, name) for name in columns}
    moved = AdverseEvent.objects.filter(pk=event.pk, status=before).update(
        status=after, **columns
    )
    event.refresh_from_db(fields=["status", *columns])
    if not moved:
        raise ValidationError(f"This event is {event.get_status_display().lower()}.")
    audit.record(
        by=by,
        action=ACTIONS[after],
        about=event,
        before={"status": before, **plain(kept)},
        after={"status": after.value, **plain(columns)},
    )
    consequences.apply(ACTIONS[after], event, by=by)
    return event


def plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in columns.items()
    }
