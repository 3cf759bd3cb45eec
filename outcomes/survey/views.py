"""The survey: one question a page, each answer saved as it is given."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clinic import clock
from clinic.models import Clinic
from outcomes.instruments import scoring
from outcomes.models import SurveyRequest
from outcomes.survey import (
    pages,
    question_page,
    questionnaire,
    same_origin,
    session,
    submissions,
    texts,
)
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.session import SurveySession

P = ParamSpec("P")
# Stands in the address of a question that somebody tried to send without.
PASSED_OVER = "passed-over"


@dataclass(frozen=True, slots=True)
class Visit:
    """A patient who has confirmed their date of birth, at one of their pages."""

    http: HttpRequest
    session: SurveySession
    request: SurveyRequest
    at: datetime

    @property
    def language(self) -> str:
        return self.session.language


Page = Callable[Concatenate[Visit, P], HttpResponse]


def for_patient(page: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets a page be seen by the patient of a survey that is open now."""

    # The form token of the session stands in for Django's CSRF cookie.
    @csrf_exempt
    @login_not_required
    @functools.wraps(page)
    def guarded(http: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        now = clock.now()
        held = session.read(http, at=now)
        if held is None or (http.method == "POST" and not _is_own_form(http, held)):
            return pages.bilingual_notice("signed_out", status=403)
        visit = Visit(http, _in_language(http, held), _request(held), now)
        if not questionnaire.is_open(visit.request, at=now):
            return _end(visit)
        if held.was_replaced():
            return pages.bilingual_notice("signed_out", status=403)
        try:
            response = page(visit, *args, **kwargs)
        except submissions.NotOpenError:
            return _end(visit)
        if session.cookie_name() not in response.cookies:
            session.keep(response, visit.session, at=now)
        return response

    return guarded


@require_safe
@for_patient
def survey(visit: Visit) -> HttpResponse:
    """To the first question without an answer, on whatever device."""
    return _resume(questionnaire.read(visit.request))


@require_http_methods(["GET", "HEAD", "POST"])
@for_patient
def question(visit: Visit, number: int) -> HttpResponse:
    sheet = questionnaire.read(visit.request)
    if not 1 <= number <= sheet.total:
        return _resume(sheet)
    if visit.http.method == "POST":
        return _answer(visit, sheet, number)
    passed_over = PASSED_OVER in visit.http.GET and number == sheet.first_unanswered
    error = texts.say("passed_over", visit.language) if passed_over else ""
    return question_page.render(
        visit.request, visit.session, sheet, number, error=error
    )


@login_not_required
@require_safe
def thank_you(http: HttpRequest, clinic_id: UUID, language: str) -> HttpResponse:
    """The same for everybody who has answered; it knows the clinic and no patient."""
    if language not in texts.LANGUAGES:
        raise Http404
    clinic = get_object_or_404(Clinic, pk=clinic_id)
    other = texts.other_language(language)
    return pages.notice(
        "thanks",
        clinic,
        language,
        paragraphs=("next", "unwatched"),
        switch={
            "address": reverse("outcomes:thank_you", args=[clinic_id, other]),
            "language": other,
            "label": texts.say("switch", language),
        },
    )


def _answer(visit: Visit, sheet: Questionnaire, number: int) -> HttpResponse:
    form = visit.http.POST
    asked = sheet.questions[number - 1]
    if form.get("question") != asked.key:
        # The questions changed since the page was shown.
        return _resume(sheet)
    go = form.get("go", "next")
    try:
        value = scoring.validate_answer(
            asked.item, form.get("answer", ""), visit.language
        )
    except ValueError as error:
        if go == "back":
            return _to(sheet, number - 1)
        return question_page.render(
            visit.request, visit.session, sheet, number, error=str(error)
        )
    submissions.save_answer(
        visit.request, asked, value, language=visit.language, at=visit.at
    )
    if go == "send":
        return _send(visit)
    return _to(sheet, number - 1 if go == "back" else number + 1)


def _send(visit: Visit) -> HttpResponse:
    sheet = _begun(visit)
    if sheet.first_unanswered is not None:
        return _ask_for(sheet.first_unanswered)
    try:
        submissions.accept(visit.request, at=visit.at)
    except submissions.NothingAnsweredError:
        # Something else became due in this very moment, and joined the survey.
        return _resume(_begun(visit))
    return pages.thanks(visit.request.clinic_id, visit.language)


def _begun(visit: Visit) -> Questionnaire:
    submissions.begin(visit.request, at=visit.at)
    return questionnaire.read(visit.request)


def _ask_for(number: int) -> HttpResponse:
    """To a question that was passed over, which the page then says."""
    response = pages.redirect("outcomes:question", number)
    response["Location"] += f"?{PASSED_OVER}"
    return response


def _to(sheet: Questionnaire, number: int) -> HttpResponse:
    return pages.redirect("outcomes:question", min(max(number, 1), sheet.total))


def _resume(sheet: Questionnaire) -> HttpResponse:
    if not sheet.total:
        raise submissions.NotOpenError
    return _to(sheet, sheet.first_unanswered or sheet.total)


def _end(visit: Visit) -> HttpResponse:
    """What a patient sees whose questions are not open, or not any more."""
    request = _request(visit.session)
    if request.state == SurveyRequest.State.COMPLETED:
        return pages.thanks(request.clinic_id, visit.language)
    is_late = request.closes_at <= visit.at and request.person.is_in_follow_up
    has_answers = request.responses.filter(answers__isnull=False).exists()
    name = "expired" if is_late and has_answers else "ended"
    response = pages.notice(name, request.clinic, visit.language, status=410)
    session.clear(response)
    return response


def _request(held: SurveySession) -> SurveyRequest:
    related = SurveyRequest.objects.select_related("patient__merged_into", "clinic")
    return related.get(pk=held.request_id)


def _is_own_form(http: HttpRequest, held: SurveySession) -> bool:
    return same_origin.is_own(http) and held.owns_form(http.POST.get("survey", ""))


def _in_language(http: HttpRequest, held: SurveySession) -> SurveySession:
    wanted = http.GET.get("language")
    return held.speaking(wanted) if wanted in texts.LANGUAGES else held
