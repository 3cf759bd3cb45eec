"""What a patient's answers change while a survey is open: begin, save an answer.

Every verb holds the patient's row, as the engine does, so that what they change
together never meets halfway.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.audit import By
from outcomes.instruments import installation, library
from outcomes.instruments.definition import Values
from outcomes.intake import sheet as intake_sheet
from outcomes.models import (
    FollowUp,
    Instrument,
    Provenance,
    Response,
    SurveyRequest,
)
from outcomes.survey import (
    had_treatment,
    holding,
    occasions,
    order,
    questionnaire,
    sending,
    stored,
    urgency,
    who_answers,
)
from outcomes.survey.order import Stamp
from outcomes.survey.questions import Question
from outcomes.survey.sealing import NotOpenError
from patients.catalogue.red_flags import Tier
from patients.models import Patient

_NOT_BEGUN = (FollowUp.State.OPEN, FollowUp.State.UNREACHABLE)


@transaction.atomic
def begin(request: SurveyRequest, *, at: datetime) -> list[Response]:
    """An open response for each follow-up that waits for an answer.

    None is no fault where an intake is asked: that one keeps its own answers.
    """
    holding.hold(request, at)
    held = set(
        questionnaire.open_responses(request).values_list("follow_up_id", flat=True)
    )
    _open_responses(
        request, list(questionnaire.waiting(request).exclude(pk__in=held)), at
    )
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
    stamp: Stamp | None = None,
    sends: bool = False,
) -> Tier | None:
    """Keep one answer wherever it is asked; answering again replaces it.

    `given` goes by link ids: of boxes it has one for each. Red flags rise in this very
    transaction; returns how urgent the answer is. Whether a treatment was had can end
    what is asked, and with it the survey. The last one `sends` them all, unless
    something has to be said or asked first; then the survey is open as before.
    """
    value = stored.number(given.get(question.item.link_id))
    is_kept = had_treatment.is_asked_by(question) and had_treatment.keep(
        request, question, value
    )
    rest = None
    # What comes before the questionnaire changes what is asked, and by whom.
    if sends and not questionnaire.is_framing(question):
        patient, rest = holding.hold_to_send(request, at)
    else:
        patient = holding.hold(request, at)
    order.note(request, question.key, stamp)
    responses = list(questionnaire.open_responses(request))
    is_again = stamp is not None and stamp.is_again
    before = urgency.standing(question)
    follow_ups = _keep(request, responses, question, given, language, at)
    tier = urgency.raise_flags(
        patient, question, given, before, follow_ups, is_again=is_again
    )
    if is_kept:
        asked = questionnaire.open_responses(request)
        asked = asked.filter(pk__in=question.response_ids)
        had_treatment.follow(patient, [row.follow_up_id for row in asked], value, at)
        sending.complete_if_over(request, patient, at)
    may_go = rest is not None and rest.is_all and tier not in urgency.AT_ONCE
    if not (rest and may_go and _is_accepted(request, patient, rest, responses, at)):
        order.keep(request, stamp)
    return tier


def _is_accepted(
    request: SurveyRequest,
    patient: Patient,
    rest: holding.Rest,
    responses: Sequence[Response],
    at: datetime,
) -> bool:
    try:
        sending.accept_held(request, patient, rest, responses, at)
    except sending.NothingAnsweredError:
        # Nothing was written; the answer is kept, and what is missing asked for.
        return False
    return True


def _keep(
    request: SurveyRequest,
    responses: Sequence[Response],
    question: Question,
    given: Values,
    language: str,
    at: datetime,
) -> Collection[UUID]:
    """Store an answer of a survey that is held, and tell whose follow-ups asked it.

    NotOpenError where nobody asks it.
    """
    asking = {row.pk: row for row in responses if row.pk in question.response_ids}
    if not asking:
        raise NotOpenError
    stored.keep(request.clinic_id, question, given, asking, at)
    if who_answers.is_asked_by(question):
        who_answers.keep(request, question, stored.number(given.get(who_answers.LINK)))
    if any(row.language != language for row in asking.values()):
        Response.objects.filter(pk__in=asking).update(language=language)
    follow_ups = {row.follow_up_id: row.follow_up for row in asking.values()}
    if any(row.state in _NOT_BEGUN for row in follow_ups.values()):
        FollowUp.objects.filter(pk__in=follow_ups, state__in=_NOT_BEGUN).update(
            state=FollowUp.State.STARTED, state_reason=""
        )
    return follow_ups


@transaction.atomic
def ask_all(request: SurveyRequest, *, by: By, at: datetime) -> None:
    """Whoever has the time is asked the whole survey, though three taps would do."""
    holding.hold(request, at)
    if not request.is_rescue:
        return
    sending.take_back_rescue(request)
    audit.record(by=by, action="survey.lengthened", about=request)


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


def current_instrument(clinic_id: UUID) -> Instrument:
    return installation.instrument_of(clinic_id, library.CORE)
