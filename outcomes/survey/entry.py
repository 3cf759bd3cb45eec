"""The way in: whoever opens a link sees one page, until the date of birth is right."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic import clock
from outcomes.follow_ups.channels import tokens
from outcomes.models import SurveyRequest
from outcomes.survey import (
    birth_dates,
    guessing,
    identity,
    pages,
    same_origin,
    session,
    submissions,
    texts,
)
from outcomes.survey.birth_dates import BirthDateError
from outcomes.survey.session import SurveySession

# With the third miss it is time for a person.
HELP_AT = 2


# The form comes without a cookie, so it has no CSRF token; see same_origin.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(http: HttpRequest, token: str) -> HttpResponse:
    """Every answer is a 200: Django logs the path of others, and so the token."""
    if http.method != "POST":
        return _form({})
    if not same_origin.is_own(http):
        return pages.bilingual_notice("foreign")
    try:
        birth_date = birth_dates.read(http.POST.dict(), clock.today("UTC"))
    except BirthDateError as error:
        return _form(http.POST.dict(), errors=[pages.both(key) for key in error.keys])
    if not guessing.take(http):
        return pages.bilingual_notice("slow")
    return _confirm(http, token, birth_date)


def _confirm(http: HttpRequest, token: str, birth_date: date) -> HttpResponse:
    now = clock.now()
    request = identity.request_of(token, at=now)
    if request is None:
        if tokens.find(token) is None:
            guessing.note_unknown()
        return pages.bilingual_notice("closed")
    check = identity.check(request, birth_date)
    if check.outcome == identity.Outcome.LOCKED:
        return pages.bilingual_notice("locked", clinic=request.clinic)
    if check.outcome == identity.Outcome.CONFIRMED:
        guessing.give_back(http)
        return _admit(request, now)
    return _again(http.POST.dict(), request, check)


def _form(
    fields: dict[str, str],
    *,
    errors: list[list[pages.Phrase]] | None = None,
    **more: Any,
) -> HttpResponse:
    context = {
        "language": "en",
        "title": " · ".join(phrase.text for phrase in pages.both("enter_title")),
        "emergency": pages.both("emergency"),
        "en": texts.phrases("en"),
        "es": texts.phrases("es"),
        "months": _months(fields.get("month", "")),
        "day": fields.get("day", ""),
        "year": fields.get("year", ""),
        "errors": errors or [],
        **more,
    }
    return pages.render("enter", context)


def _months(chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "value": number,
            "label": " / ".join(
                phrase.text for phrase in pages.both(f"month_{number}")
            ),
            "is_chosen": chosen == str(number),
        }
        for number in range(1, 13)
    ]


def _again(
    fields: dict[str, str], request: SurveyRequest, check: identity.Check
) -> HttpResponse:
    """What did not match, with the clinic's number from the third miss on."""
    key = "wrong_date_1" if check.tries_left == 1 else "wrong_date"
    if check.outcome == identity.Outcome.SWAPPED:
        key = "swapped_date"
    help_from = pages.call(request.clinic) if check.tries_left <= HELP_AT else None
    errors = [pages.both(key, left=check.tries_left)]
    return _form(fields, errors=errors, call=help_from)


def _admit(request: SurveyRequest, now: datetime) -> HttpResponse:
    if request.state == SurveyRequest.State.COMPLETED:
        return pages.thanks(request, request.language, at=now)
    try:
        submissions.begin(request, at=now)
    except submissions.NotOpenError:
        return pages.bilingual_notice("closed")
    response = pages.redirect("outcomes:survey")
    session.keep(response, SurveySession.start(request, at=now), at=now)
    return response
