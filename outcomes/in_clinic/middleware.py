"""On a tablet a survey ends by itself, and only what was handed to it opens."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic import clock
from outcomes.in_clinic import device, tablet_pages
from outcomes.survey import pages, refusals, session

SURVEY, THANKS = "/survey/", "/survey/thank-you/"
# A page that only says why it does not go on.
READ_FOR = 15


class TabletMiddleware:
    """Costs a request without a tablet's cookie nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponse:
        is_tablet = device.cookie_name() in http.COOKIES
        is_shared = device.shared_name() in http.COOKIES
        if not (is_tablet or is_shared) or not http.path.startswith(refusals.PATIENTS):
            return self.get_response(http)
        if not is_tablet:
            return _on_shared_screen(self.get_response(http))
        if not http.path.startswith(SURVEY):
            return tablet_pages.end(http)
        held = session.read(http, at=clock.now())
        if not tablet_pages.is_of(device.read(http), held.request_id if held else None):
            return tablet_pages.end(http)
        return _on_tablet(http, self.get_response(http))


def _on_tablet(http: HttpRequest, response: HttpResponse) -> HttpResponse:
    target = response.headers.get("Location", "")
    if target.startswith(THANKS):
        language = target.rstrip("/").rsplit("/", 1)[-1]
        # Without what it sets: nobody looks at a page of their own here.
        shown = pages.redirect("outcomes:tablet_thanks", language)
        return tablet_pages.without_others(http, shown)
    is_over = response.status_code >= 400
    return tablet_pages.coming_back(
        response, READ_FOR if is_over else tablet_pages.IDLE
    )


def _on_shared_screen(response: HttpResponse) -> HttpResponse:
    """Who sits down next finds no page of the patient's own behind the thanks."""
    if response.headers.get("Location", "").startswith(THANKS):
        session.clear(response, session.OWN_PAGE)
        response.delete_cookie(device.shared_name(), samesite="Lax")
    return response
