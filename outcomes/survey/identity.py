"""Whether a link is good, and whether the one who opened it is the patient."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from clinic import audit
from outcomes.follow_ups.channels import tokens
from outcomes.models import SurveyRequest
from outcomes.survey import questionnaire

TRIES = SurveyRequest.TRIES


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Check:
    outcome: Outcome
    tries_left: int


def request_of(token: str, *, at: datetime) -> SurveyRequest | None:
    """The survey a token leads to: one that can be answered, or was."""
    link = tokens.find(token)
    if link is None or link.revoked_at is not None or link.expires_at <= at:
        return None
    request = link.request
    is_answered = request.state == SurveyRequest.State.COMPLETED
    is_good = is_answered or questionnaire.is_open(request, at=at)
    return request if is_good else None


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
        row.update(birth_date_tries=F("birth_date_tries") - 1)
        audit.record(by=audit.PATIENT, action="survey.entered", about=request)
        return Check(Outcome.CONFIRMED, TRIES)
    tries = row.values_list("birth_date_tries", flat=True).get()
    _refused(request, "wrong date of birth", tries)
    outcome = Outcome.LOCKED if tries >= TRIES else Outcome.WRONG
    return Check(outcome, TRIES - tries)


def _refused(request: SurveyRequest, reason: str, tries: int) -> None:
    audit.record(
        by=audit.PATIENT,
        action="survey.refused",
        about=request,
        reason=reason,
        tries=tries,
    )
