"""How the clinic writes to a patient: the way, the language, the phrase, the end."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from clinic import audit
from clinic.models import Language
from outcomes.own_page import changes, page, phrase_page
from outcomes.own_page.guard import for_owner
from outcomes.survey import pages, session, texts
from outcomes.survey.visits import Visit

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
# Stands in the address of the page that says what was done.
SAVED, STOPPED = "saved", "stopped"


@get_or_post
@for_owner
def own_settings(visit: Visit) -> HttpResponse:
    person, form = visit.request.person, visit.http.POST
    error = ""
    if visit.http.method == "POST":
        try:
            changes.choose(
                person,
                channel=form.get("channel", ""),
                language=form.get("language", ""),
            )
        except ValidationError as refused:
            error = _refusal(refused, visit.language)
        else:
            return _done(SAVED)
    shown = changes.ways(person, visit.language)
    return page.render(
        visit,
        "settings",
        "own_settings",
        ways=[
            {"way": way, "name": texts.say(f"way_{way.channel}", visit.language)}
            for way in shown
        ],
        languages=[
            {
                "value": each.value,
                "name": each.label if each == Language.ENGLISH else "Español",
                "is_chosen": person.language == each,
            }
            for each in Language
        ],
        phrase=person.phrase,
        error=error,
        said=_said(visit),
    )


def _refusal(refused: ValidationError, language: str) -> str:
    """In the patient's words; what the record itself refuses is for staff to mend."""
    code = getattr(refused, "code", None)
    known = code if code in ("unknown", "minor") else "else"
    return texts.say(f"own_refused_{known}", language)


def _done(what: str) -> HttpResponse:
    response = pages.redirect("outcomes:own_settings")
    response["Location"] += f"?{what}"
    return response


def _said(visit: Visit) -> str:
    """What was done just before, where the address says so."""
    for done in (SAVED, STOPPED):
        if done in visit.http.GET:
            return texts.say(f"own_{done}", visit.language)
    return ""


@get_or_post
@for_owner
def own_phrase(visit: Visit) -> HttpResponse:
    person, form = visit.request.person, visit.http.POST
    picked, typed, error = person.phrase, "", ""
    if visit.http.method == "POST":
        picked, typed = form.get("phrase", ""), form.get("own", "")
        wanted = phrase_page.chosen(picked, typed)
        error = phrase_page.choose(
            person, wanted, by=audit.PATIENT, language=visit.language
        )
        if not error:
            return _done(SAVED)
    return page.render(
        visit,
        "phrase",
        "phrase_title",
        offered=phrase_page.offered(person, visit.language),
        picked=picked,
        typed=typed,
        own=phrase_page.OWN,
        error=error,
    )


@get_or_post
@for_owner
def own_stop(visit: Visit) -> HttpResponse:
    """Asks twice: what to stop, and then whether this is what is wanted."""
    person, form = visit.request.person, visit.http.POST
    what = form.get("what", "")
    options = [*changes.can_stop(person), changes.ALL]
    is_known = what in options
    if is_known and form.get("yes"):
        return _stop(visit, what)
    error = ""
    if visit.http.method == "POST" and not is_known:
        error = texts.say("own_refused_unknown", visit.language)
    named = [
        {"value": each, "name": texts.say(f"own_stop_{each}", visit.language)}
        for each in options
    ]
    return page.render(
        visit,
        "stop",
        "own_stop_title",
        options=named,
        what=what if is_known else "",
        asked=texts.say(f"own_stop_{what}", visit.language) if is_known else "",
        means=texts.say(f"own_stop_means_{what}", visit.language) if is_known else "",
        error=error,
    )


def _stop(visit: Visit, what: str) -> HttpResponse:
    changes.stop(visit.request.person, what)
    if what != changes.ALL:
        return _done(STOPPED)
    response = pages.notice("own_left", visit.request.clinic, visit.language)
    session.clear(response, session.OWN_PAGE)
    response["Clear-Site-Data"] = pages.CLEARED
    return response
