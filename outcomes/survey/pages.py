"""Renders patients' pages: private, without a trace of the staff's frame."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import shortcuts
from django.http import HttpResponse, HttpResponseRedirect
from django.template import loader

from clinic.models import Clinic
from clinic.models.clinics import number_in
from outcomes.alerts import listing
from outcomes.models import SurveyRequest
from outcomes.survey import session, texts

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
# Pages that the Back button would show, and no cookie: staff may be signed in beside.
CLEARED = '"cache", "storage"'
# Stands in the address of the thank-you page of whoever should call at once.
CALL_FIRST = "first"
# A telephone number stays on one line.
UNBROKEN = {ord(" "): "\u00a0", ord("-"): "\u2011"}


@dataclass(frozen=True, slots=True)
class Phrase:
    language: str
    text: str

    @property
    def address(self) -> str:
        """What a tap on it calls; empty where it names no number."""
        number = number_in(self.text)
        return telephone(number) if number else ""


@dataclass(frozen=True, slots=True)
class Call:
    label: str
    number: str

    @property
    def address(self) -> str:
        return telephone(self.number)


def telephone(number: str) -> str:
    return "tel:" + re.sub(r"[^0-9+]", "", number)


def render(
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    folder: str = "survey",
) -> HttpResponse:
    """Without the request, so that nothing of a signed-in member of staff gets in."""
    html = loader.render_to_string(f"outcomes/{folder}/{template}.html", context)
    return HttpResponse(html, status=status, headers=HEADERS)


def redirect(to: str, *args: Any) -> HttpResponseRedirect:
    response = shortcuts.redirect(to, *args)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def both(key: str, **values: object) -> list[Phrase]:
    return [Phrase(each, texts.say(key, each, **values)) for each in texts.LANGUAGES]


def call(clinic: Clinic, language: str = "") -> Call | None:
    """The clinic's number; by itself where the page speaks both languages."""
    if not clinic.phone:
        return None
    phone = clinic.phone.translate(UNBROKEN)
    label = texts.say("call", language, phone=phone) if language else phone
    return Call(label, clinic.phone)


def bilingual_notice(
    name: str, *, clinic: Clinic | None = None, status: int = 200
) -> HttpResponse:
    """A page that says one thing in both languages, as it cannot know which."""
    notices = [
        {
            "language": language,
            "heading": texts.say(f"{name}_heading", language),
            "paragraphs": [texts.say(f"{name}_text", language)],
        }
        for language in texts.LANGUAGES
    ]
    context = {
        "language": "en",
        "title": " · ".join(str(notice["heading"]) for notice in notices),
        "emergency": both("emergency"),
        "notices": notices,
        "call": call(clinic) if clinic else None,
    }
    return render("notice", context, status=status)


def notice(
    name: str,
    clinic: Clinic,
    language: str,
    *,
    paragraphs: Sequence[str] = ("text",),
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    heading = texts.say(f"{name}_heading", language)
    said = [texts.say(f"{name}_{part}", language) for part in paragraphs]
    return render(
        "notice",
        {
            **frame(clinic, language, heading),
            "notices": [{"language": language, "heading": heading, "paragraphs": said}],
            "call": call(clinic, language),
            **context,
        },
        status=status,
    )


def frame(clinic: Clinic, language: str, title: str) -> dict[str, Any]:
    """What the base template needs where the patient's language is known."""
    return {
        "language": language,
        "title": title,
        "emergency": [Phrase(language, clinic.emergency_text(language))],
    }


def switch(language: str) -> dict[str, str]:
    """The way to the same page in the other language."""
    other = texts.other_language(language)
    return {
        "address": f"?language={other}",
        "language": other,
        "label": texts.say("switch", language),
    }


def thanks(request: SurveyRequest, language: str, *, at: datetime) -> HttpResponse:
    """To the thank-you page, which shows no answers and needs no session.

    What the browser holds of the survey is cleared; who has answered may go on to
    their own page. Who said what cannot wait is asked to call first.
    """
    response = redirect("outcomes:thank_you", request.clinic_id, language)
    if listing.cannot_wait(request.patient):
        response["Location"] += f"?{CALL_FIRST}"
    response["Clear-Site-Data"] = CLEARED
    session.clear(response)
    if request.opens_own_page(at):
        held = session.SurveySession.start(request, at=at, scope=session.OWN_PAGE)
        session.keep(response, held.speaking(language), at=at)
    return response
