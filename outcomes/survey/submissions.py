"""What a patient's answers change: begin, save an answer, accept them for good.

Every verb holds the patient's row, as the engine does, so that what they change
together never meets halfway.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinic import audit
from clinic.audit import By
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import requests
from outcomes.instruments import enabling, installation, library
from outcomes.instruments.definition import Values
from outcomes.intake import sheet as intake_sheet
from outcomes.models import (
    FollowUp,
    Instrument,
    Intake,
    Provenance,
    Response,
    SurveyRequest,
)
from outcomes.survey import (
    had_treatment,
    occasions,
    questionnaire,
    sealing,
    stored,
    urgency,
    who_answers,
)
from outcomes.survey.questions import Question
from outcomes.survey.sealing import NotOpenError
from patients.catalogue.red_flags import Tier
from patients.models import Patient


class NothingAnsweredError(Exception):
    """A follow-up that is asked has not a single answer, or an intake has a gap."""


@transaction.atomic
def begin(request: SurveyRequest, *, at: datetime) -> list[Response]:
    """An open response for each follow-up that waits for an answer.

    None is no fault where an intake is asked: that one keeps its own answers.
    """
    hold(request, at)
    held = set(
        questionnaire.open_responses(request).values_list("follow_up_id", flat=True)
    )
    _open_responses(request, list(_waiting(request).exclude(pk__in=held)), at)
    responses = list(questionnaire.open_responses(request))
    if not responses and not intake_sheet.read(request, at=at).total:
        raise NotOpenError
    return responses


@transaction.atomic
def save_answer(
    request: SurveyRequest,
    question: Question,
    given: Values,
    *,
    language: str,
    at: datetime,
) -> Tier | None:
    """Keep one answer wherever it is asked; answering again replaces it.

    `given` goes by link ids: of boxes it has one for each. Red flags rise in this very
    transaction; returns how urgent the answer is. Whether a treatment was had can end
    what is asked, and with it the survey.
    """
    value = stored.number(given.get(question.item.link_id))
    is_kept = had_treatment.is_asked_by(question) and had_treatment.keep(
        request, question, value
    )
    patient = hold(request, at)
    wanted = {target.response_id for target in question.targets}
    follow_ups = dict(
        questionnaire.open_responses(request)
        .filter(pk__in=wanted)
        .values_list("pk", "follow_up_id")
    )
    if not follow_ups:
        raise NotOpenError
    before = urgency.standing(question)
    stored.keep(request.clinic_id, question, given, follow_ups, at)
    if who_answers.is_asked_by(question):
        who_answers.keep(request, question, value)
    Response.objects.filter(pk__in=follow_ups).update(language=language)
    FollowUp.objects.filter(
        pk__in=follow_ups.values(),
        state__in=(FollowUp.State.OPEN, FollowUp.State.UNREACHABLE),
    ).update(state=FollowUp.State.STARTED, state_reason="")
    if is_kept:
        had_treatment.follow(patient, follow_ups.values(), value, at)
        _complete_if_over(request, patient, at)
    return urgency.raise_flags(patient, question, given, before, follow_ups.values())


def _complete_if_over(request: SurveyRequest, patient: Patient, at: datetime) -> None:
    """Who has said all that is still asked is thanked; nothing is asked any more."""
    is_asked = request.follow_ups.filter(FollowUp.WAITS_FOR_PATIENT).exists()
    if is_asked or request.intakes.filter(state__in=Intake.OPEN).exists():
        requests.settle(patient, at)
        return
    _still_open(request, at).update(
        state=SurveyRequest.State.COMPLETED, completed_at=at
    )
    outbox.cancel(request, "answered")


@transaction.atomic
def accept(request: SurveyRequest, *, at: datetime) -> list[Response]:
    """Seal the answers, score them and end the asking; repeating changes nothing.

    Returns the responses; an intake leaves none, its answers stand in the evaluation.
    """
    patient = requests.lock(request.patient_id)
    is_first = patient.is_in_follow_up and _still_open(request, at).update(
        state=SurveyRequest.State.COMPLETED, completed_at=at
    )
    if not is_first:
        return _sealed_before(request)
    responses = list(questionnaire.open_responses(request))
    answers = stored.of(responses)
    responses = _without_unasked(request, responses, answers)
    answers = {response.pk: answers[response.pk] for response in responses}
    sheet = intake_sheet.read(request, at=at)
    if not responses and not sheet.total:
        raise NothingAnsweredError
    if not all(answers.values()) or _joined_late(request, responses):
        raise NothingAnsweredError
    if sheet.first_unanswered is not None:
        raise NothingAnsweredError
    _tell_short(request, responses, answers)
    _seal_all(responses, answers, patient, by=audit.PATIENT, at=at)
    for intake in sheet.intakes.values():
        _send(intake, at)
    outbox.cancel(request, "answered")
    sealing.mark_facts_due(responses, at)
    return responses


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
    for response in responses:
        given, zone = answers[response.pk], patient.time_zone
        sealing.seal(response, given, at, zone, by=by, on=on)
    follow_ups = {response.follow_up_id: response.follow_up for response in responses}
    for follow_up in follow_ups.values():
        if not sealing.complete(follow_up, at):
            raise NotOpenError


def _without_unasked(
    request: SurveyRequest, responses: Sequence[Response], answers: Mapping[UUID, Any]
) -> list[Response]:
    """Three taps ask nothing of a clinic's own questionnaire, which then goes."""
    unasked = [
        response
        for response in responses
        if request.is_rescue
        and occasions.family_of(response)
        and not answers[response.pk]
    ]
    if unasked:
        Response.objects.filter(pk__in=[each.pk for each in unasked]).delete()
    return [response for response in responses if response not in unasked]


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
        _take_back_rescue(request)


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


@transaction.atomic
def ask_all(request: SurveyRequest, *, by: By, at: datetime) -> None:
    """Whoever has the time is asked the whole survey, though three taps would do."""
    hold(request, at)
    if not request.is_rescue:
        return
    _take_back_rescue(request)
    audit.record(by=by, action="survey.lengthened", about=request)


def _take_back_rescue(request: SurveyRequest) -> None:
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
    _complete_if_over(request, patient, at)
    return responses


def _joined_late(request: SurveyRequest, responses: Sequence[Response]) -> bool:
    """Whether a follow-up came to the survey after its answers were begun."""
    return _waiting(request).exclude(responses__in=responses).exists()


def _waiting(request: SurveyRequest) -> QuerySet[FollowUp]:
    return request.follow_ups.filter(
        FollowUp.WAITS_FOR_PATIENT, state__in=questionnaire.ANSWERABLE
    ).select_related("episode__complaint", "episode__plan")


def current_instrument(clinic_id: UUID) -> Instrument:
    return installation.instrument_of(clinic_id, library.CORE)


def hold(request: SurveyRequest, at: datetime) -> Patient:
    """Keeps the survey as it is until the transaction ends; raises if it is over."""
    patient = requests.lock(request.patient_id)
    if not (patient.is_in_follow_up and _still_open(request, at).exists()):
        raise NotOpenError
    return patient


def _still_open(request: SurveyRequest, at: datetime) -> QuerySet[SurveyRequest]:
    """No join: PostgreSQL would not look at it again after waiting for the row."""
    return SurveyRequest.objects.filter(
        pk=request.pk, state=SurveyRequest.State.OPEN, closes_at__gt=at
    )


def _open_responses(
    request: SurveyRequest, follow_ups: Sequence[FollowUp], at: datetime
) -> None:
    """What each asks is fixed here, for as long as the response is kept."""
    if not follow_ups:
        return
    sheets = occasions.sheets(follow_ups, current_instrument(request.clinic_id))
    earlier = Counter(
        Response.objects.filter(follow_up__in=follow_ups).values_list(
            "follow_up_id", flat=True
        )
    )
    rows = []
    for sheet in sheets:
        earlier[sheet.follow_up.pk] += 1
        rows.append(
            Response(
                clinic_id=request.clinic_id,
                patient_id=sheet.follow_up.patient_id,
                follow_up=sheet.follow_up,
                request=request,
                instrument=sheet.instrument,
                revision=earlier[sheet.follow_up.pk],
                provenance=Provenance.PATIENT,
                language=request.language,
                opened_at=at,
                asked=sheet.asked,
            )
        )
    Response.objects.bulk_create(rows)


def _sealed_before(request: SurveyRequest) -> list[Response]:
    state = SurveyRequest.objects.values_list("state", flat=True).get(pk=request.pk)
    if state != SurveyRequest.State.COMPLETED:
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
