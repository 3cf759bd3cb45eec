"""The way in: whoever opens a link sees one page, until the date of birth is right."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.channels import tokens
from outcomes.models import Link, Provenance, Response, SurveyRequest
from outcomes.survey import (
    birth_dates,
    guessing,
    identity,
    pages,
    questionnaire,
    same_origin,
    sealing,
    session,
    submissions,
    texts,
)
from outcomes.survey.birth_dates import BirthDateError
from outcomes.survey.session import SurveySession

# With the third miss it is time for a person.
HELP_AT = 2
# Who presses twice, or whose first reply is lost, still comes in.
DOUBLE_TAP = timedelta(minutes=2)
OWN_HAND = (Provenance.PATIENT, Provenance.KIOSK)


@dataclass(frozen=True, slots=True)
class Way:
    """The survey behind a link or on a tablet, and how its answers then come."""

    request: SurveyRequest
    how: Provenance = Provenance.PATIENT
    # Asked once the date is right; False where somebody was quicker.
    begin: Callable[[datetime], bool] = lambda at: True


# The form comes without a cookie, so it has no CSRF token; see same_origin.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(http: HttpRequest, token: str) -> HttpResponse:
    """Every answer is a 200: Django logs the path of others, and so the token."""
    if http.method != "POST":
        return form({})
    return take(http, lambda at: _of_link(token, at))


def _of_link(token: str, at: datetime) -> Way | None:
    link = identity.link_of(token, at=at)
    if link is None:
        if tokens.find(token) is None:
            guessing.note_unknown()
        return None
    if link.kind == Link.Kind.QR:
        return Way(link.request, begin=lambda at: _use_up(link, at))
    is_on_ours = link.kind == Link.Kind.SCREEN
    return Way(link.request, Provenance.KIOSK if is_on_ours else Provenance.PATIENT)


def _use_up(link: Link, at: datetime) -> bool:
    """A QR code opens once: its paper or picture leads nobody else in later."""
    end = at + DOUBLE_TAP
    Link.objects.filter(pk=link.pk, expires_at__gt=end).update(expires_at=end)
    return True


def take(
    http: HttpRequest, find: Callable[[datetime], Way | None], **more: Any
) -> HttpResponse:
    """A date of birth that was sent: to the questions, or why not.

    `more` is for the form, where it is shown again.
    """
    given = given_date(http, **more)
    if isinstance(given, HttpResponse):
        return given
    now = clock.now()
    way = find(now)
    if way is None:
        return pages.bilingual_notice("closed")
    check = identity.check(way.request, given)
    if check.outcome == identity.Outcome.LOCKED:
        return pages.bilingual_notice("locked", clinic=way.request.clinic)
    if check.outcome == identity.Outcome.CONFIRMED:
        guessing.give_back(http)
        return _admit(way, now)
    return again(http.POST.dict(), way.request.clinic, check, **more)


def given_date(http: HttpRequest, **more: Any) -> date | HttpResponse:
    """The date that a form sent, or the page that says why it is not compared."""
    if not same_origin.is_own(http):
        return pages.bilingual_notice("foreign")
    fields = http.POST.dict()
    try:
        birth_date = birth_dates.read(fields, clock.today("UTC"))
    except BirthDateError as error:
        return form(fields, errors=[pages.both(key) for key in error.keys], **more)
    if not guessing.take(http):
        return pages.bilingual_notice("slow")
    return birth_date


def form(
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


def again(
    fields: dict[str, str], clinic: Clinic, check: identity.Check, **more: Any
) -> HttpResponse:
    """What did not match, with the clinic's number from the third miss on."""
    key = "wrong_date_1" if check.tries_left == 1 else "wrong_date"
    if check.outcome == identity.Outcome.SWAPPED:
        key = "swapped_date"
    help_from = pages.call(clinic) if check.tries_left <= HELP_AT else None
    errors = [pages.both(key, left=check.tries_left)]
    return form(fields, errors=errors, call=help_from, **more)


def _admit(way: Way, now: datetime) -> HttpResponse:
    request = way.request
    if request.state == SurveyRequest.State.COMPLETED:
        return pages.thanks(request, request.language, at=now)
    try:
        submissions.begin(request, at=now)
    except sealing.NotOpenError:
        return pages.bilingual_notice("closed")
    if not way.begin(now):
        return pages.bilingual_notice("closed")
    _note_how(request, way.how)
    response = pages.redirect("outcomes:survey")
    session.keep(response, SurveySession.start(request, at=now), at=now)
    return response


def _note_how(request: SurveyRequest, how: Provenance) -> None:
    """Begun at home and gone on with in the clinic counts as answered there."""
    begun = questionnaire.open_responses(request).filter(provenance__in=OWN_HAND)
    others = list(begun.exclude(provenance=how).values_list("pk", flat=True))
    if others:
        Response.objects.filter(pk__in=others).update(provenance=how)
