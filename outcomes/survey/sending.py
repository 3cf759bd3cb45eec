"""A survey is sent: its answers sealed and scored, and the asking ended.

The patient is held meanwhile, as the engine does.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.audit import By
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import requests
from outcomes.instruments import enabling, installation, library
from outcomes.instruments.definition import Values
from outcomes.intake import sheet as intake_sheet
from outcomes.models import (
    FollowUp,
    Intake,
    Response,
    SurveyRequest,
)
from outcomes.survey import (
    holding,
    occasions,
    questionnaire,
    sealing,
    stored,
)
from outcomes.survey.sealing import NotOpenError
from patients.models import Patient


class NothingAnsweredError(Exception):
    """A follow-up that is asked has not a single answer, or an intake has a gap."""


@transaction.atomic
def accept(request: SurveyRequest, *, at: datetime) -> list[Response]:
    """Seal the answers, score them and end the asking; repeating changes nothing.

    Returns the responses; an intake leaves none, its answers stand in the evaluation.
    """
    try:
        patient, rest = holding.hold_to_send(request, at)
    except NotOpenError:
        return _sealed_before(request)
    responses = list(questionnaire.open_responses(request))
    return accept_held(request, patient, rest, responses, at)


def accept_held(
    request: SurveyRequest,
    patient: Patient,
    rest: holding.Rest,
    responses: Sequence[Response],
    at: datetime,
) -> list[Response]:
    """The same of a survey that is held; these are its open responses."""
    answers = stored.of(responses)
    unasked = _unasked(request, responses, answers)
    responses = [response for response in responses if response.pk not in unasked]
    answers = {response.pk: answers[response.pk] for response in responses}
    intakes = _whole_intakes(request, at) if rest.has_intake else []
    if not (responses or intakes) or rest.has_joined:
        raise NothingAnsweredError
    if not all(answers.values()) or _lacks_all(request, responses):
        raise NothingAnsweredError
    _end(request, at)
    if unasked:
        Response.objects.filter(pk__in=unasked).delete()
    _tell_short(request, responses, answers)
    _seal_all(responses, answers, patient, by=audit.PATIENT, at=at)
    for intake in intakes:
        _send(intake, at)
    if rest.has_message:
        outbox.cancel(request, "answered")
    sealing.mark_facts_due(responses, at)
    return responses


def _whole_intakes(request: SurveyRequest, at: datetime) -> list[Intake]:
    sheet = intake_sheet.read(request, at=at)
    if sheet.first_unanswered is not None:
        raise NothingAnsweredError
    return list(sheet.intakes.values())


def _end(request: SurveyRequest, at: datetime) -> None:
    request.state, request.completed_at = SurveyRequest.State.COMPLETED, at
    ended = holding.still_open(request, at).update(
        state=request.state, completed_at=request.completed_at
    )
    if not ended:
        raise NotOpenError


def _seal_all(
    responses: Sequence[Response],
    answers: Mapping[UUID, Values],
    patient: Patient,
    *,
    by: By,
    at: datetime,
    on: date | None = None,
) -> None:
    """Each response, and then each follow-up once: it may have asked for several."""
    told: set[tuple[str, str]] = set()
    for response in responses:
        given, zone = answers[response.pk], patient.time_zone
        sealing.seal(response, given, at, zone, by=by, on=on, told=told)
    follow_ups = {response.follow_up_id: response.follow_up for response in responses}
    for follow_up in follow_ups.values():
        if not sealing.complete(follow_up, at):
            raise NotOpenError


def _unasked(
    request: SurveyRequest, responses: Sequence[Response], answers: Mapping[UUID, Any]
) -> set[UUID]:
    """Three taps ask nothing of a clinic's own questionnaire, which then goes."""
    return {
        response.pk
        for response in responses
        if request.is_rescue
        and occasions.family_of(response)
        and not answers[response.pk]
    }


def _tell_short(
    request: SurveyRequest,
    responses: Sequence[Response],
    answers: Mapping[UUID, Values],
) -> None:
    """What three taps left out was not asked; who answered all was not rescued."""
    if not request.is_rescue:
        return
    short = installation.instrument_of(request.clinic_id, library.THREE_TAPS)
    left_out = [
        response
        for response in responses
        if _lacks_something(response, answers[response.pk])
    ]
    for response in left_out:
        is_cut = not occasions.family_of(response)
        if is_cut and set(answers[response.pk]) <= questionnaire.THREE_TAPS:
            response.instrument = short
    if not left_out:
        take_back_rescue(request)


def _lacks_something(response: Response, given: Values) -> bool:
    asked = enabling.enabled(
        occasions.items_of(response), {**occasions.known_of(response), **given}
    )
    return any(
        each.link_id not in given
        for item in asked
        if not item.is_optional
        for each in item.answered
    )


def take_back_rescue(request: SurveyRequest) -> None:
    request.is_rescue = False
    SurveyRequest.objects.filter(pk=request.pk).update(is_rescue=False)


def seal_open(
    request: SurveyRequest,
    patient: Patient,
    *,
    by: By,
    at: datetime,
    on: date | None = None,
) -> list[Response]:
    """Seal what staff took down of a patient who is held; an intake waits on.

    `on` is the day that stands on a sheet of paper.
    """
    responses = list(questionnaire.open_responses(request))
    answers = stored.of(responses)
    _seal_all(responses, answers, patient, by=by, at=at, on=on)
    sealing.mark_facts_due(responses, at)
    complete_if_over(request, patient, at)
    return responses


def complete_if_over(request: SurveyRequest, patient: Patient, at: datetime) -> None:
    """Who has said all that is still asked is thanked; nothing is asked any more."""
    is_asked = request.follow_ups.filter(FollowUp.WAITS_FOR_PATIENT).exists()
    if is_asked or request.intakes.filter(state__in=Intake.OPEN).exists():
        requests.settle(patient, at)
        return
    holding.still_open(request, at).update(
        state=SurveyRequest.State.COMPLETED, completed_at=at
    )
    outbox.cancel(request, "answered")


def _lacks_all(request: SurveyRequest, responses: Sequence[Response]) -> bool:
    """Whether of three taps none was for a follow-up that waits."""
    asked = questionnaire.waiting(request).exclude(responses__in=responses)
    return request.is_rescue and asked.exists()


def _sealed_before(request: SurveyRequest) -> list[Response]:
    request.refresh_from_db(fields=["state", "completed_at"])
    if request.state != SurveyRequest.State.COMPLETED:
        raise NotOpenError
    return list(request.responses.filter(state=Response.State.SEALED))


def _send(intake: Intake, at: datetime) -> None:
    sent = Intake.objects.filter(pk=intake.pk, state__in=Intake.OPEN).update(
        state=Intake.State.SENT, sent_at=at, state_reason=""
    )
    if not sent:
        raise NotOpenError
    audit.record(
        by=audit.PATIENT,
        action="intake.sent",
        about=intake,
        screens=len(intake.answers),
        language=intake.language,
    )
