"""Who is at one of the patient's pages: somebody who confirmed their date of birth."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from clinic import clock
from outcomes.models import SurveyRequest
from outcomes.survey import (
    autosave,
    order,
    pages,
    questionnaire,
    same_origin,
    sealing,
    session,
    texts,
)
from outcomes.survey.session import SurveySession

P = ParamSpec("P")


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
        shown = _guard(http, clock.now(), lambda visit: page(visit, *args, **kwargs))
        return autosave.reply(http, shown)

    return guarded


def _guard(
    http: HttpRequest, now: datetime, page: Callable[[Visit], HttpResponse]
) -> HttpResponse:
    held = session.read(http, at=now)
    if held is None or (http.method == "POST" and not is_own_form(http, held)):
        return _sent_before(http) or _signed_out()
    visit = Visit(http, in_language(http, held), request_of(held), now)
    if not questionnaire.is_open(visit.request, at=now):
        return _end(visit)
    if held.was_replaced():
        return _signed_out()
    response = _shown(visit, page)
    if session.cookie_name() not in response.cookies:
        session.keep(response, visit.session, at=now)
    return response


def _shown(visit: Visit, page: Callable[[Visit], HttpResponse]) -> HttpResponse:
    try:
        return page(visit)
    except sealing.NotOpenError:
        return _end(visit)
    except order.OlderError:
        return autosave.kept()
    except order.ElsewhereError:
        return autosave.late()


def _signed_out() -> HttpResponse:
    return pages.bilingual_notice("signed_out", status=403)


def _sent_before(http: HttpRequest) -> HttpResponse | None:
    """The same thank-you to who sends a second time, as after a reply that was lost.

    It says nothing of anybody, and leads nowhere without the session.
    """
    if http.method != "POST" or not same_origin.is_own(http):
        return None
    request_id = session.request_of_form(http.POST.get("survey", ""))
    over = SurveyRequest.objects.filter(state=SurveyRequest.State.COMPLETED)
    sent = over.filter(pk=request_id).first() if request_id else None
    if sent is None:
        return None
    return pages.redirect("outcomes:thank_you", sent.clinic_id, sent.language)


def _end(visit: Visit) -> HttpResponse:
    """What a patient sees whose questions are not open, or not any more."""
    request = request_of(visit.session)
    if request.state == SurveyRequest.State.COMPLETED:
        return pages.thanks(request, visit.language, at=visit.at)
    is_late = request.closes_at <= visit.at and request.person.is_in_follow_up
    has_answers = (
        request.responses.filter(answers__isnull=False).exists()
        or request.intakes.filter(answered_at__isnull=False).exists()
    )
    name = "expired" if is_late and has_answers else "ended"
    response = pages.notice(name, request.clinic, visit.language, status=410)
    session.clear(response)
    return response


def request_of(held: SurveySession) -> SurveyRequest:
    related = SurveyRequest.objects.select_related("patient__merged_into", "clinic")
    return related.get(pk=held.request_id)


def is_own_form(http: HttpRequest, held: SurveySession) -> bool:
    return same_origin.is_own(http) and held.owns_form(http.POST.get("survey", ""))


def in_language(http: HttpRequest, held: SurveySession) -> SurveySession:
    wanted = http.GET.get("language")
    return held.speaking(wanted) if wanted in texts.LANGUAGES else held
