"""The patient's own page: what they said, what is next, and the way out."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from clinic import audit
from outcomes.own_page import coming, courses, guard, page
from outcomes.own_page.guard import for_owner
from outcomes.survey.visits import Visit


@require_safe
@for_owner
def own_page(visit: Visit) -> HttpResponse:
    person = visit.request.person
    record_ids = person.record_ids
    audit.record(
        by=audit.PATIENT,
        action="own_page.read",
        about=visit.request,
        patients=record_ids,
    )
    return page.render(
        visit,
        "page",
        "own_title",
        stories=courses.read(record_ids, visit.language),
        coming=coming.in_words(
            coming.read(person, record_ids, at=visit.at), visit.language
        ),
    )


# It only takes away: whoever holds the phone may press it, also from another page.
@csrf_exempt
@login_not_required
@require_POST
def close(http: HttpRequest) -> HttpResponse:
    """The patient is done: this browser shows nothing of them any more."""
    return guard.closed()
