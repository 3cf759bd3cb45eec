"""A survey that is answered on the phone: staff ask, and type what is said.

Whoever types sees no earlier answer, neither the patient's nor a colleague's.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.worklist import calls, tasks
from outcomes.instruments.definition import Values
from outcomes.models import FollowUp, Provenance, Response, SurveyRequest
from outcomes.survey import (
    had_treatment,
    occasions,
    questionnaire,
    submissions,
    who_answers,
)
from outcomes.survey.questions import Question
from patients.models import Patient
from plans.models import Intervention

# By the key of the question; of boxes one answer for each.
Answers = Mapping[str, Values]
CHOOSE = "Choose an answer, or “I can't tell”."


def questions(follow_up: FollowUp) -> list[Question]:
    """What the patient is asked in one go; costs no row, unlike beginning a survey."""
    person = follow_up.patient.kept
    open_ones = {
        each.follow_up_id: each
        for each in Response.objects.filter(
            follow_up__in=_together(follow_up), state=Response.State.OPEN
        )
        .select_related("instrument", *_of("follow_up__episode"))
        .prefetch_related("answers")
    }
    instrument = submissions.current_instrument(follow_up.clinic_id)
    rows = list(_together(follow_up))
    asked = occasions.asked_at(rows, instrument)
    responses = [
        open_ones.get(row.pk)
        or Response(
            clinic_id=row.clinic_id,
            follow_up=row,
            instrument=instrument,
            asked=asked[row.pk],
        )
        for row in rows
    ]
    return questionnaire.questions_of(responses, person.time_zone, all_at_once=True)


def refusal(follow_up: FollowUp) -> str:
    """Why nothing is asked; empty where something is."""
    reason = calls.refusal(follow_up)
    if reason:
        return reason
    today = clock.today(follow_up.patient.kept.time_zone)
    if follow_up.opens_on > today:
        return f"It can be answered from {clock.in_words(follow_up.opens_on)} on."
    return ""


@transaction.atomic
def accept(
    follow_up: FollowUp,
    *,
    answers: Answers,
    language: str,
    by: User,
    seen: str = calls.NOTHING_SEEN,
    note: str = "",
) -> list[Response]:
    """Keep and score what was said, as the patient's own survey would be.

    `answers` goes by the keys of the questions; None is "cannot tell". Nothing is kept
    unless each question that stands is answered.
    """
    now = clock.now()
    _hold_procedures(follow_up)
    person = requests.lock(follow_up.patient_id)
    calls.check(follow_up, seen)
    reason = refusal(follow_up)
    if reason:
        raise ValidationError(f"{reason} Nothing was saved.")
    try:
        request = _join(follow_up, person, now)
        responses = _take(request, person, answers, language, by, now)
    except submissions.NotOpenError:
        raise ValidationError("This follow-up is over; nothing was saved.") from None
    for row in {response.follow_up for response in responses} - {follow_up}:
        tasks.finish_calls(row, "answered by phone", by=by, at=now)
    calls.answered(follow_up, by=by, note=note)
    return responses


def _take(
    request: SurveyRequest,
    person: Patient,
    answers: Answers,
    language: str,
    by: User,
    now: datetime,
) -> list[Response]:
    # Whoever is on the phone has the time for the whole survey.
    submissions.ask_all(request, by=by, at=now)
    submissions.begin(request, at=now)
    taken = questionnaire.open_responses(request).values("pk")
    Response.objects.filter(pk__in=list(taken.values_list("pk", flat=True))).update(
        provenance=Provenance.PHONE
    )
    kept = _save_all(request, answers, language, now)
    asked = questionnaire.read(request).questions
    missing = [
        each.key
        for each in asked
        if each.key not in kept and not each.item.is_optional and _is_staffs(each)
    ]
    if missing:
        raise ValidationError(dict.fromkeys(missing, CHOOSE))
    if not any(not questionnaire.is_framing(each) for each in asked):
        return []
    return submissions.seal_open(request, person, by=by, at=now)


def _is_staffs(question: Question) -> bool:
    """Who answers, staff say by how they enter it."""
    return not who_answers.is_asked_by(question)


def _save_all(
    request: SurveyRequest, answers: Answers, language: str, now: datetime
) -> set[str]:
    """Each in its turn: an answer can end questions, or bring others about."""
    kept: set[str] = set()
    while True:
        asked = questionnaire.read(request).questions
        ahead = [each for each in asked if each.key in answers and each.key not in kept]
        if not ahead:
            return kept
        for question in ahead:
            _save(request, question, answers[question.key], language, now)
            kept.add(question.key)
            if had_treatment.is_asked_by(question):
                # Who has not had the treatment yet is not asked how it was after it.
                break


def _save(
    request: SurveyRequest,
    question: Question,
    given: Values,
    language: str,
    now: datetime,
) -> None:
    known = {each.link_id: each for each in question.item.answered}
    fits = given.keys() == known.keys() and all(
        known[link_id].accepts(value) for link_id, value in given.items()
    )
    if not fits:
        raise ValidationError({question.key: CHOOSE})
    submissions.save_answer(request, question, given, language=language, at=now)


def _join(follow_up: FollowUp, person: Patient, now: datetime) -> SurveyRequest:
    """Its survey, opened where nobody could be sent one or it is early."""
    held = follow_up.request
    if held is not None and held.state == SurveyRequest.State.OPEN:
        return held
    request = requests.open_request(person, now)
    is_planned = follow_up.state == FollowUp.State.PLANNED
    requests.change(
        follow_up,
        FollowUp.State.OPEN if is_planned else follow_up.state,
        follow_up.state_reason,
        next_action_at=requests.ending(follow_up, person.time_zone, now),
        request=request,
    )
    requests.settle(person, now)
    request.refresh_from_db()
    return request


def _hold_procedures(follow_up: FollowUp) -> None:
    """First: whoever records a procedure takes its row, and the patient's after it."""
    in_doubt = Intervention.objects.filter(
        pk__in=_together(follow_up).order_by().values("episode__anchor_intervention"),
        status=Intervention.Status.PLANNED,
    )
    list(in_doubt.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _together(follow_up: FollowUp) -> QuerySet[FollowUp]:
    """This one, and what else its survey asks; always in the same order."""
    wanted = Q(pk=follow_up.pk)
    waiting = FollowUp.WAITS_FOR_PATIENT & Q(state__in=questionnaire.ANSWERABLE)
    request = follow_up.request
    if request is None or request.state != SurveyRequest.State.OPEN:
        person = follow_up.patient.kept_id
        open_ones = requests.open_requests([person]).values("pk")
        wanted |= Q(request__in=open_ones) & waiting
    else:
        wanted |= Q(request=request) & waiting
    return (
        FollowUp.objects.filter(wanted)
        .select_related(*_of("episode"))
        .order_by("due_on", "pk")
    )


def _of(episode: str) -> tuple[str, str]:
    return f"{episode}__complaint", f"{episode}__anchor_intervention"
