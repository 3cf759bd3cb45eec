"""Asks a patient before a visit, by the one link of their open survey."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import links, requests
from outcomes.follow_ups.planning import calendar
from outcomes.models import Intake, Message, SurveyRequest
from patients import rows
from patients.models import Complaint, Evaluation, Patient
from patients.triage import evaluations

State = Intake.State
# How long a link is good where no day of the visit was given.
OPEN_DAYS = 14
FURTHEST_DAYS = 90
JOINED = "joined by the questions before a visit"


@transaction.atomic
def ask(complaint: Complaint, *, by: By, visit_on: date | None = None) -> Intake:
    """Send the patient the questions about this pain, by their one survey link.

    ValidationError in words where the patient cannot be asked, or already was.
    """
    rows.lock_complaint(complaint)
    patient = requests.lock(complaint.patient_id)
    now = clock.now()
    check_reachable(patient)
    check_day(visit_on, clock.today(patient.time_zone))
    evaluation = evaluations.start(complaint, by=by)
    request = requests.open_request(patient, now)
    intake = _put_on(request, evaluation, by, visit_on, now)
    requests.settle(patient, now)
    message = _write(request, now)
    audit.record(
        by=by,
        action="intake.asked",
        about=intake,
        evaluation=str(evaluation.pk),
        message=str(message.pk),
        visit_on=str(visit_on or ""),
    )
    return intake


def check_reachable(patient: Patient) -> None:
    if patient.deceased_on:
        raise ValidationError("Nothing was sent: the patient died.")
    if not patient.is_in_follow_up:
        raise ValidationError("Nothing was sent: the patient withdrew from follow-up.")
    links.check_can_be_written_to(patient)


def check_day(visit_on: date | None, today: date) -> None:
    if visit_on is None:
        return
    if visit_on < today:
        day = clock.in_words(visit_on)
        raise ValidationError({"visit_on": f"{day} has passed."})
    if visit_on > today + timedelta(days=FURTHEST_DAYS):
        raise ValidationError(
            {"visit_on": f"Ask at most {FURTHEST_DAYS} days before the visit."}
        )


def _put_on(
    request: SurveyRequest,
    evaluation: Evaluation,
    by: By,
    visit_on: date | None,
    now: datetime,
) -> Intake:
    """The evaluation's one intake; one that ended unsent goes on where it stood."""
    found = Intake.objects.filter(evaluation=evaluation).first()
    if found is not None:
        _check_may_ask_again(found)
    intake = found or Intake(
        clinic_id=request.clinic_id,
        # The record that is asked about, where another speaks for it.
        patient_id=evaluation.complaint.patient_id,
        evaluation=evaluation,
        language=request.language,
    )
    zone = request.person.time_zone
    last_day = visit_on or calendar.local_day(now, zone) + timedelta(days=OPEN_DAYS)
    intake.request = request
    intake.state = State.BEGUN if intake.answers else State.ASKED
    intake.state_reason = ""
    intake.asked_at, intake.visit_on = now, visit_on
    intake.asked_by = by if isinstance(by, User) else None
    intake.closes_at = calendar.end_of(last_day, zone)
    intake.save()
    return intake


def _check_may_ask_again(intake: Intake) -> None:
    if intake.is_open:
        raise ValidationError(
            "This patient is being asked already. If they lost the message, send a "
            "new link."
        )
    if intake.state in (State.SENT, State.REVIEWED):
        raise ValidationError(
            "The patient has answered for this evaluation; sign it before you ask "
            "about a new one."
        )


def _write(request: SurveyRequest, now: datetime) -> Message:
    """One message: an invitation that has not gone out yet makes way for it."""
    outbox.cancel(request, JOINED)
    request.refresh_from_db(fields=["closes_at"])
    return links.write(request, "intake", now, kind=Message.Kind.INTAKE)
