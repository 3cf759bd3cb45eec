"""What a patient takes away: a page to print, a file, and the card."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinic import audit, spreadsheets
from outcomes.own_page import answers, card, page
from outcomes.own_page.guard import for_owner
from outcomes.survey import pages, texts
from outcomes.survey.visits import Visit

# It says nothing of whose it is to whoever looks into the phone's folder.
FILE = "answers.csv"
COLUMNS = ("day", "about", "kind", "question", "answer")


@require_safe
@for_owner
def own_data(visit: Visit) -> HttpResponse:
    """All of it on a page that prints."""
    record_ids = visit.request.person.record_ids
    found = answers.read(record_ids, visit.language)
    audit.record(
        by=audit.PATIENT,
        action="own_data.read",
        about=visit.request,
        patients=record_ids,
    )
    return page.render(
        visit,
        "data",
        "own_data",
        answers=found.answers,
        values=found.values,
        today=texts.day(visit.at.date(), visit.language),
        clinic=visit.request.clinic.name,
    )


@require_safe
@for_owner
def own_file(visit: Visit) -> HttpResponse:
    """The same for a spreadsheet, which takes no cell of it for a formula."""
    language = visit.language
    record_ids = visit.request.person.record_ids
    found = answers.read(record_ids, language)
    kinds = (("own_answer", found.answers), ("own_score", found.values))
    rows = [
        (each.day, each.about, texts.say(kind, language), each.question, each.answer)
        for kind, some in kinds
        for each in some
    ]
    audit.record(
        by=audit.PATIENT,
        action="own_data.exported",
        about=visit.request,
        patients=record_ids,
        rows=len(rows),
    )
    header = [texts.say(f"own_column_{name}", language) for name in COLUMNS]
    response = spreadsheets.download(FILE, header, rows)
    for name, value in pages.HEADERS.items():
        response[name] = value
    return response


@require_safe
@for_owner
def own_card(visit: Visit) -> HttpResponse:
    person = visit.request.person
    record_ids = person.record_ids
    audit.record(
        by=audit.PATIENT,
        action="own_card.read",
        about=visit.request,
        patients=record_ids,
    )
    shown = card.of(person, record_ids, at=visit.at)
    return page.render(visit, "card", "own_card", card=shown)
