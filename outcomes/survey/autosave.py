"""Answers that a page sends as they are chosen, and what our script is told then."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from outcomes.survey import pages

# A form with it was sent by our script, which reads a short reply and no page.
FIELD = "autosave"
# Instead of a button's name: the patient stays where they are.
STAY = "stay"


def is_one(http: HttpRequest) -> bool:
    return http.method == "POST" and FIELD in http.POST


def go_of(http: HttpRequest, default: str) -> str:
    """The button that was pressed; none where the page only keeps what was chosen."""
    return http.POST.get("go") or (STAY if is_one(http) else default)


def kept() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def late() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.CONFLICT)


def urgent(address: str, say: str) -> HttpResponse:
    """What cannot wait, to be said where the patient is; the page about it is next."""
    return JsonResponse({"urgent": address, "say": say})


def reply(http: HttpRequest, response: HttpResponse) -> HttpResponse:
    """To our script where the page goes on to, and a status for all else.

    A page that was shown again is one that says what is wrong with the answer.
    """
    if not is_one(http):
        return response
    told: HttpResponse
    if response.status_code == HTTPStatus.FOUND:
        told = JsonResponse({"to": response["Location"]})
    elif isinstance(response, JsonResponse):
        told = response
    elif response.status_code == HTTPStatus.OK:
        told = JsonResponse({"refused": True})
    else:
        told = HttpResponse(status=response.status_code)
    told.cookies = response.cookies
    for name, value in pages.HEADERS.items():
        told[name] = value
    return told
