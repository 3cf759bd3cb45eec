"""What is refused or breaks on a patient's address still is a page for patients.

The framework's own answers are for staff: English, with a way to the sign-in, and
without the emergency line. Ours say it in both languages and leave no trace.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from outcomes.survey import pages

# Pages of patients: the survey, its way in, and what they see after it.
PATIENTS = ("/survey/", "/s/", "/me/", "/d/", "/diary/")
ADDRESSES = (*PATIENTS, "/stop/", "/tablet/")
NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class PatientsRefusalMiddleware:
    """Stands outside of what may refuse, and keeps what that has set beside the page:
    the methods allowed, when to come again, a tablet's way back to waiting."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, http: HttpRequest) -> HttpResponseBase:
        response = self.get_response(http)
        if response.status_code < HTTPStatus.BAD_REQUEST or _is_ours(response):
            return response
        # Also where the slash at the end is missing.
        if f"{http.path_info}/".startswith(ADDRESSES):
            _say(response)
        return response


def _is_ours(response: HttpResponse) -> bool:
    return response.headers.get("Referrer-Policy") == pages.HEADERS["Referrer-Policy"]


def _say(response: HttpResponse) -> None:
    status = response.status_code
    page = pages.bilingual_notice(_name(status), status=status)
    response.content = page.content
    for name, value in page.items():
        response[name] = value
    response["Content-Length"] = str(len(page.content))


def _name(status: int) -> str:
    if status in NOT_THERE:
        return "closed"
    is_broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return "broken" if is_broken else "unreadable"
