"""What every page of the patient's own has around it."""

from typing import Any

from django.http import HttpResponse

from outcomes.survey import pages, texts
from outcomes.survey.visits import Visit


def render(visit: Visit, template: str, title: str, **context: Any) -> HttpResponse:
    """`title` is a key of the texts; the page is the patient's, in their language."""
    language, clinic = visit.language, visit.request.clinic
    other = texts.other_language(language)
    whole = {
        **pages.frame(clinic, language, texts.say(title, language)),
        "t": texts.phrases(language),
        "form_token": visit.session.form_token,
        "call": pages.call(clinic, language),
        "switch": {
            "address": f"?language={other}",
            "language": other,
            "label": texts.say("switch", language),
        },
        **context,
    }
    return pages.render(template, whole, folder="own_page")
