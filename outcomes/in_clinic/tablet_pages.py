"""A tablet's own pages: calm, in both languages, without a trace of who was here."""

from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from clinic import audit, clock
from outcomes.in_clinic import codes, device, tablets
from outcomes.models import Provenance, Tablet
from outcomes.survey import entry, pages, same_origin, texts
from outcomes.survey.entry import Way

# How often a tablet that waits asks whether something was handed to it.
LOOKS_EVERY = 5
# After so many seconds without a touch it is for somebody else.
IDLE = 300
READ_THANKS_FOR = 20
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# No page of a tablet has a cookie of a form: same_origin stands in for it.
@csrf_exempt
@login_not_required
@get_or_post
def home(http: HttpRequest) -> HttpResponse:
    """It waits, or asks whoever it was handed to for their date of birth."""
    tablet = device.read(http)
    if tablet is None:
        return without_others(http, _enrol_form())
    now = clock.now()
    tablets.note_seen(tablet, now)
    if tablets.waiting(tablet, now) is None:
        return _waiting(http, tablet)
    leave = reverse("outcomes:tablet_leave")
    if http.method != "POST":
        response = without_others(http, entry.form({}, leave=leave))
        return coming_back(response, int(tablets.HANDED_FOR.total_seconds()))
    if http.user.is_authenticated:
        logout(http)
    response = entry.take(http, lambda at: _way(tablet), leave=leave)
    return coming_back(response, IDLE)


def _way(tablet: Tablet) -> Way | None:
    """Read again: staff may have taken it off while somebody typed."""
    tablet.refresh_from_db(fields=["request", "handed_at", "begun_at", "revoked_at"])
    asked = tablets.waiting(tablet, clock.now())
    if asked is None:
        return None
    return Way(asked, Provenance.KIOSK, lambda at: tablets.begin(tablet, at))


def _waiting(http: HttpRequest, tablet: Tablet) -> HttpResponse:
    response = _page("waiting", "tablet_wait_heading", clinic=tablet.clinic)
    return coming_back(without_others(http, response), LOOKS_EVERY)


@csrf_exempt
@login_not_required
@require_POST
def leave(http: HttpRequest) -> HttpResponse:
    """Whoever has it in hand is somebody else; nothing was opened."""
    tablet = device.read(http)
    if tablet is not None and same_origin.is_own(http):
        tablets.take_back(tablet, by=audit.PATIENT)
    return pages.redirect("outcomes:tablet")


@csrf_exempt
@login_not_required
@get_or_post
def code(http: HttpRequest) -> HttpResponse:
    """The number from the front desk, instead of a hand-over."""
    tablet = device.read(http)
    if tablet is None or (http.method == "POST" and not same_origin.is_own(http)):
        return pages.redirect("outcomes:tablet")
    fault = ""
    if http.method == "POST":
        given = codes.typed(http.POST.get("code", ""))
        is_one = given.isascii() and given.isdigit() and len(given) == codes.DESK_LENGTH
        fault = tablets.redeem(tablet, given) if is_one else "code_missing"
        if not fault:
            return pages.redirect("outcomes:tablet")
    error = pages.both(f"tablet_{fault}") if fault else None
    response = _page("code", "tablet_code_heading", clinic=tablet.clinic, error=error)
    return coming_back(response, IDLE)


@login_not_required
@require_safe
def thanks(http: HttpRequest, language: str) -> HttpResponse:
    """The same for everybody: it knows no patient, and goes away by itself."""
    if language not in texts.LANGUAGES:
        raise Http404
    tablet = device.read(http)
    if tablet is None:
        return pages.redirect("outcomes:tablet")
    context = {
        **pages.frame(tablet.clinic, language, texts.say("thanks_heading", language)),
        "t": texts.phrases(language),
    }
    response = without_others(http, _rendered("thanks", context))
    response["Clear-Site-Data"] = pages.CLEARED
    return coming_back(response, READ_THANKS_FOR)


@csrf_exempt
@login_not_required
@get_or_post
def enrol(http: HttpRequest, code: str = "") -> HttpResponse:
    """Makes this browser a tablet; a GET shows the form only, for scanners look too."""
    if http.method != "POST":
        return _enrol_form(code)
    if not same_origin.is_own(http):
        return pages.bilingual_notice("foreign")
    given = http.POST.get("code", "")
    found = tablets.enrol(given)
    if found is None:
        return _enrol_form(given, error=True)
    if http.user.is_authenticated:
        logout(http)
    response = pages.redirect("outcomes:tablet")
    device.keep(response, found[1])
    return response


def _enrol_form(code: str = "", *, error: bool = False) -> HttpResponse:
    """For whoever sets it up: staff, so in English."""
    context = {
        "language": "en",
        "title": "Set up this tablet",
        "emergency": pages.both("emergency"),
        "code": codes.shown(codes.typed(code)[: codes.ENROL_LENGTH]),
        "error": error,
    }
    return _rendered("enrol", context)


def _page(name: str, heading: str, **more: Any) -> HttpResponse:
    clinic = more["clinic"]
    context = {
        "language": "en",
        "title": " · ".join(phrase.text for phrase in pages.both(heading)),
        "emergency": [
            pages.Phrase(each, clinic.emergency_text(each)) for each in texts.LANGUAGES
        ],
        "en": texts.phrases("en"),
        "es": texts.phrases("es"),
        **more,
    }
    return _rendered(name, context)


def _rendered(name: str, context: dict[str, Any]) -> HttpResponse:
    """Without the request, so that nothing of a signed-in member of staff gets in."""
    return pages.render(name, context, folder="in_clinic")


def coming_back(response: HttpResponse, seconds: int) -> HttpResponse:
    """To the waiting page by itself, without a script."""
    if not response.has_header("Location"):
        response["Refresh"] = f"{seconds};url={reverse('outcomes:tablet')}"
    return response


def without_others(http: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A tablet keeps no cookie but its own: no patient's, and no sign-in of staff."""
    if device.cookie_name() not in http.COOKIES:
        return response
    for name in http.COOKIES:
        if name != device.cookie_name():
            response.delete_cookie(name, samesite="Lax")
    return response


def is_of(tablet: Tablet | None, held: UUID | None) -> bool:
    """Whether the survey of this browser is the one that was begun on the tablet."""
    if held is None:
        return True
    return (
        tablet is not None and tablet.begun_at is not None and tablet.request_id == held
    )


def end(http: HttpRequest) -> HttpResponse:
    """To the waiting page, with nothing of the patient left."""
    return without_others(http, pages.redirect("outcomes:tablet"))
