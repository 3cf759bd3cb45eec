"""Who is at the patient's own page: whoever has answered and confirmed who they are.

Its scope is its own: the session of a survey opens nothing here, and this one answers
no survey.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from clinic import clock
from outcomes.survey import pages, session, visits
from outcomes.survey.session import OWN_PAGE
from outcomes.survey.visits import Visit

P = ParamSpec("P")
Page = Callable[Concatenate[Visit, P], HttpResponse]


def for_owner(
    page: Page[P],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets a page be seen by the patient who answered, in the days after it.

    It closes at once where the patient withdraws or dies, or staff send a new link.
    """

    # The form token of the session stands in for Django's CSRF cookie.
    @csrf_exempt
    @login_not_required
    @functools.wraps(page)
    def guarded(http: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        now = clock.now()
        held = session.read(http, at=now, scope=OWN_PAGE)
        if held is None:
            return closed(status=403)
        if http.method == "POST" and not visits.is_own_form(http, held):
            return closed(status=403)
        visit = Visit(
            http, visits.in_language(http, held), visits.request_of(held), now
        )
        if not visit.request.opens_own_page(now) or held.was_replaced():
            return closed(status=403)
        response = page(visit, *args, **kwargs)
        if session.cookie_name(OWN_PAGE) not in response.cookies:
            session.keep(response, visit.session, at=now)
        return response

    return guarded


def closed(*, status: int = 200) -> HttpResponse:
    """Says how to come back; the browser forgets what it has shown."""
    response = pages.bilingual_notice("own_closed", status=status)
    session.clear(response, OWN_PAGE)
    response["Clear-Site-Data"] = pages.CLEARED
    return response
