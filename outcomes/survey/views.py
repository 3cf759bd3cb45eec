"""The survey: one question a page, each answer saved as it is given."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic import audit
from clinic.models import Clinic
from outcomes.instruments import answers
from outcomes.instruments.answers import AnswerError
from outcomes.instruments.definition import Values
from outcomes.intake import sheet as intake_sheet
from outcomes.models import SurveyRequest
from outcomes.survey import (
    autosave,
    had_treatment,
    pages,
    question_page,
    questionnaire,
    sealing,
    sending,
    submissions,
    texts,
    urgency,
    urgent_page,
)
from outcomes.survey.order import Stamp
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.questions import Question
from outcomes.survey.urgency import AT_ONCE
from outcomes.survey.visits import Visit, for_patient

# Stands in the address of a question that somebody tried to send without.
PASSED_OVER = "passed-over"
# And of one that is shown in place of another, which is not asked now.
CHANGED = "changed"
# A press of whoever wants more than three taps.
ALL = "all"


@require_safe
@for_patient
def survey(visit: Visit) -> HttpResponse:
    """To the first question without an answer, on whatever device."""
    return _resume(visit, questionnaire.read(visit.request))


@require_http_methods(["GET", "HEAD", "POST"])
@for_patient
def question(visit: Visit, number: int) -> HttpResponse:
    sheet = questionnaire.read(visit.request)
    is_sent = visit.http.method == "POST"
    if not 1 <= number <= sheet.total:
        return changed(visit) if is_sent else _resume(visit, sheet)
    if is_sent:
        return _answer(visit, sheet, number)
    return _show(visit, sheet, number, _reminder(visit, sheet, number))


def _reminder(visit: Visit, sheet: Questionnaire, number: int) -> str:
    """Why a page is shown that nobody asked for; mostly somebody did."""
    if CHANGED in visit.http.GET:
        return texts.say("changed", visit.language)
    passed_over = PASSED_OVER in visit.http.GET and number == sheet.first_unanswered
    return texts.say("passed_over", visit.language) if passed_over else ""


def _show(
    visit: Visit,
    sheet: Questionnaire,
    number: int,
    error: str,
    sent: Sequence[str] | None = None,
) -> HttpResponse:
    # Before the first one stands the intake, where there is one.
    is_first = number == 1 and not intake_sheet.read(visit.request, at=visit.at).total
    return question_page.render(
        visit.request,
        visit.session,
        sheet,
        number,
        error=error,
        sent=sent,
        is_first=is_first,
    )


@require_safe
@for_patient
def urgent(visit: Visit, number: int) -> HttpResponse:
    """What cannot wait until somebody reads it, said before anything else is asked."""
    sheet = questionnaire.read(visit.request)
    if not 1 <= number <= sheet.total:
        return _resume(visit, sheet)
    tier = urgency.of_stored(sheet.questions[number - 1], sheet.answers)
    if tier not in AT_ONCE:
        return _resume(visit, sheet)
    return urgent_page.render(visit, tier)


@login_not_required
@require_safe
def thank_you(http: HttpRequest, clinic_id: UUID, language: str) -> HttpResponse:
    """The same for everybody who has answered; it knows the clinic and no patient.

    Its address says whether to call first, and nothing of why.
    """
    if language not in texts.LANGUAGES:
        raise Http404
    clinic = get_object_or_404(Clinic, pk=clinic_id)
    other = texts.other_language(language)
    calls_first = pages.CALL_FIRST in http.GET
    stays = f"?{pages.CALL_FIRST}" if calls_first else ""
    return pages.notice(
        "thanks",
        clinic,
        language,
        paragraphs=("first", "unwatched") if calls_first else ("next", "unwatched"),
        t=texts.phrases(language),
        # The same for everybody too: it leads on whoever has just answered.
        after="outcomes/own_page/_after_thanks.html",
        switch={
            "address": reverse("outcomes:thank_you", args=[clinic_id, other]) + stays,
            "language": other,
            "label": texts.say("switch", language),
        },
    )


def _answer(visit: Visit, sheet: Questionnaire, number: int) -> HttpResponse:
    form = visit.http.POST
    asked = sheet.questions[number - 1]
    if form.get("question") != asked.key:
        return changed(visit)
    go = autosave.go_of(visit.http, _after_tap(visit, sheet, number))
    if go == ALL:
        submissions.ask_all(visit.request, by=audit.PATIENT, at=visit.at)
        return _resume(visit, questionnaire.read(visit.request))
    sent = form.getlist("answer")
    try:
        given: Values = answers.read(asked.item, sent, visit.language)
    except AnswerError as error:
        # Whoever goes back need not answer; but what was written is not dropped.
        if go == "back" and not any(each.strip() for each in sent):
            return _back(visit, sheet, number)
        return _show(visit, sheet, number, str(error), sent)
    is_about_day = had_treatment.is_asked_by(asked)
    if is_about_day and go in ("back", autosave.STAY):
        # Its answer can end the questions, which nobody does on the way back.
        return _back(visit, sheet, number)
    if go == autosave.STAY:
        given = asked.begun(given, sheet.answers)
    tier = submissions.save_answer(
        visit.request,
        asked,
        given,
        stamp=Stamp.read(form),
        language=visit.language,
        at=visit.at,
        sends=go == "send" and _is_end(visit, sheet, asked, given),
    )
    if tier in AT_ONCE:
        return urgent_page.lead(visit, "outcomes:question_urgent", number, tier, go)
    return _onward(visit, sheet, number, go)


def _is_end(visit: Visit, sheet: Questionnaire, asked: Question, given: Values) -> bool:
    """Whether this answer is the last one; others may hang on it."""
    after = questionnaire.answered(visit.request, sheet, asked, given)
    return after.first_unanswered is None


def _onward(visit: Visit, sheet: Questionnaire, number: int, go: str) -> HttpResponse:
    if go == autosave.STAY:
        return autosave.kept()
    if go == "send":
        is_sent = visit.request.state == SurveyRequest.State.COMPLETED
        return _thanked(visit) if is_sent else send(visit)
    if go == "back":
        return _back(visit, sheet, number)
    if had_treatment.is_asked_by(sheet.questions[number - 1]):
        return _resume(visit, questionnaire.read(visit.request))
    # What hangs on this answer is asked next; that page reads anew what there is.
    return pages.redirect("outcomes:question", number + 1)


def _after_tap(visit: Visit, sheet: Questionnaire, number: int) -> str:
    """The last of three taps sends them; there is no button for it."""
    is_end = visit.request.is_rescue and number == sheet.total
    return "send" if is_end else "next"


def _back(visit: Visit, sheet: Questionnaire, number: int) -> HttpResponse:
    intake = intake_sheet.read(visit.request, at=visit.at)
    if number == 1 and intake.total:
        return pages.redirect("outcomes:intake_step", intake.total)
    return _to(sheet, number - 1)


def send(visit: Visit) -> HttpResponse:
    """All that was answered, or to what was passed over."""
    sheet = _begun(visit)
    intake = intake_sheet.read(visit.request, at=visit.at)
    if intake.first_unanswered is not None:
        return _ask_for("outcomes:intake_step", intake.first_unanswered)
    if sheet.first_unanswered is not None:
        return _ask_for("outcomes:question", sheet.first_unanswered)
    try:
        sending.accept(visit.request, at=visit.at)
    except sending.NothingAnsweredError:
        # Something else became due in this very moment, and joined the survey.
        return _resume(visit, _begun(visit))
    return _thanked(visit)


def _thanked(visit: Visit) -> HttpResponse:
    return pages.thanks(visit.request, visit.language, at=visit.at)


def _begun(visit: Visit) -> Questionnaire:
    submissions.begin(visit.request, at=visit.at)
    return questionnaire.read(visit.request)


def _ask_for(page: str, number: int) -> HttpResponse:
    """To a question that was passed over, which the page then says."""
    return _saying(PASSED_OVER, pages.redirect(page, number))


def changed(visit: Visit) -> HttpResponse:
    """The questions changed since the page was shown; what it sent is not kept."""
    return _saying(CHANGED, _resume(visit, questionnaire.read(visit.request)))


def _saying(why: str, response: HttpResponse) -> HttpResponse:
    response["Location"] += f"?{why}"
    return response


def _to(sheet: Questionnaire, number: int) -> HttpResponse:
    return pages.redirect("outcomes:question", min(max(number, 1), sheet.total))


def _resume(visit: Visit, sheet: Questionnaire) -> HttpResponse:
    """The intake comes first, then what follow-ups ask."""
    intake = intake_sheet.read(visit.request, at=visit.at)
    if intake.first_unanswered is not None:
        return pages.redirect("outcomes:intake_step", intake.first_unanswered)
    if sheet.total:
        return _to(sheet, sheet.first_unanswered or sheet.total)
    if intake.total:
        return pages.redirect("outcomes:intake_step", intake.total)
    raise sealing.NotOpenError
