"""What a patient is told at once: to call, before anything else is asked."""

from django.http import HttpResponse

from clinic.models import Clinic
from clinic.models.clinics import number_in
from outcomes.survey import autosave, pages, texts
from outcomes.survey.pages import Call
from outcomes.survey.visits import Visit
from patients.catalogue.red_flags import Tier


def render(visit: Visit, tier: Tier | None) -> HttpResponse:
    """The clinic's own emergency words, or its number: large, and to tap."""
    language, clinic = visit.language, visit.request.clinic
    is_now = tier == Tier.E0
    context = {
        **pages.frame(clinic, language, texts.say("urgent_title", language)),
        "t": texts.phrases(language),
        "is_now": is_now,
        "line": clinic.emergency_text(language),
        "emergency_call": emergency_call(clinic, language),
        "call": None if is_now else pages.call(clinic, language),
        "switch": pages.switch(language),
    }
    return pages.render("urgent", context)


def lead(visit: Visit, page: str, number: int, tier: Tier, go: str) -> HttpResponse:
    """To that page; or, after a mere tap, its words where the patient is.

    Our script leads there with the next press: a page that changes under a finger
    that is still ticking boxes would be answered by accident.
    """
    there = pages.redirect(page, number)
    if go != autosave.STAY:
        return there
    key = "urgent_now" if tier == Tier.E0 else "urgent_today"
    return autosave.urgent(there.url, texts.say(key, visit.language))


def emergency_call(clinic: Clinic, language: str) -> Call | None:
    """The number that stands in the clinic's emergency text, to tap."""
    number = number_in(clinic.emergency_text(language))
    if not number:
        return None
    shown = number.translate(pages.UNBROKEN)
    return Call(texts.say("call", language, phone=shown), number)
