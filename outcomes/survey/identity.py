"""Whether a link is good, and whether the one who opened it is the patient."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from clinic import audit, clock
from clinic.audit import By
from outcomes.follow_ups import staff_tasks
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import calling, links
from outcomes.models import FollowUp, Link, StaffTask, SurveyRequest
from outcomes.survey import birth_dates, questionnaire
from patients.models import Patient

TRIES = SurveyRequest.TRIES
CORRECTED = "the date of birth was corrected"


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    WRONG = "wrong"
    # Day and month the other way round: asked to look again, which costs no try.
    SWAPPED = "swapped"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Check:
    outcome: Outcome
    tries_left: int


def link_of(token: str, *, at: datetime) -> Link | None:
    """The link of a token, if its survey can be answered or was."""
    link = tokens.find(token)
    if link is None or link.revoked_at is not None:
        return None
    request = link.request
    # Once answered it leads to the patient's own page, also after its time.
    is_short = link.kind in Link.IN_CLINIC
    if link.expires_at <= at and (is_short or not request.opens_own_page(at)):
        return None
    is_answered = request.state == SurveyRequest.State.COMPLETED
    is_good = is_answered or questionnaire.is_open(request, at=at)
    return link if is_good else None


@transaction.atomic
def check(request: SurveyRequest, birth_date: date) -> Check:
    """Compare, and count a miss: never more than TRIES, however many ask at once.

    The try is taken before the comparison and given back after a match, so that
    parallel requests wait for one another's count.
    """
    row = SurveyRequest.objects.filter(pk=request.pk)
    if not row.filter(birth_date_tries__lt=TRIES).update(
        birth_date_tries=F("birth_date_tries") + 1
    ):
        _refused(request, "locked", TRIES)
        return Check(Outcome.LOCKED, 0)
    if birth_date == request.person.birth_date:
        _give_back(row)
        audit.record(by=audit.PATIENT, action="survey.entered", about=request)
        return Check(Outcome.CONFIRMED, TRIES)
    tries = row.values_list("birth_date_tries", flat=True).get()
    if _is_forgiven(request, birth_date):
        _give_back(row)
        _refused(request, "day and month swapped", tries - 1)
        return Check(Outcome.SWAPPED, TRIES - tries + 1)
    _refused(request, "wrong date of birth", tries)
    if tries < TRIES:
        return Check(Outcome.WRONG, TRIES - tries)
    _tell_staff(request)
    return Check(Outcome.LOCKED, 0)


def _give_back(row: QuerySet[SurveyRequest]) -> None:
    row.update(birth_date_tries=F("birth_date_tries") - 1)


def _is_forgiven(request: SurveyRequest, birth_date: date) -> bool:
    """The true date with day and month swapped, once a survey.

    Whoever guesses learns from it that the other order is right, and so covers two
    days with a try; being forgiven again and again would let them ask for ever.
    """
    if birth_dates.swapped(birth_date) != request.person.birth_date:
        return False
    row = SurveyRequest.objects.filter(pk=request.pk, is_swap_forgiven=False)
    return bool(row.update(is_swap_forgiven=True))


def _refused(request: SurveyRequest, reason: str, tries: int) -> None:
    audit.record(
        by=audit.PATIENT,
        action="survey.refused",
        about=request,
        reason=reason,
        tries=tries,
    )


def _tell_staff(request: SurveyRequest) -> None:
    """Somebody asks the patient; an intake alone says it where it was asked for."""
    person = request.person
    waiting = request.follow_ups.filter(FollowUp.WAITS_FOR_PATIENT)
    row = waiting.order_by("closes_on", "pk").first()
    if row is None:
        return
    staff_tasks.open_one(
        row,
        kind=calling.kind_for(person),
        reason=StaffTask.Reason.LOCKED,
        due_on=clock.today(person.time_zone),
        rung=staff_tasks.LOCKED,
    )


def patient_updated(
    patient: Patient, *, by: By, changed: list[str] | None = None, **_: Any
) -> None:
    """A date of birth that was wrong in the record has its misses forgiven."""
    if "birth_date" not in (changed or []):
        return
    misses = SurveyRequest.objects.filter(
        Q(birth_date_tries__gt=0) | Q(is_swap_forgiven=True),
        patient__in=patient.record_ids,
    )
    for request in misses.order_by("pk"):
        links.give_tries_back(request, CORRECTED, clock.now())
        audit.record(
            by=by,
            action="survey.unlocked",
            about=request,
            tries_before=request.birth_date_tries,
        )
