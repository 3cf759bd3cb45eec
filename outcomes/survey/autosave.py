"""Answers that a page sends as they are chosen, whenever and however often they arrive.

A page numbers what it sends. Of one showing of a question the highest number counts,
so an early answer that was held up on its way never replaces a later one. An answer
that is sent again, because no reply came, gives way to what was said elsewhere
meanwhile. No clock of a phone is asked.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from outcomes.models import SurveyRequest
from outcomes.survey import pages

# A form with it was sent by our script, which reads a short reply and no page.
FIELD = "autosave"
# Instead of a button's name: the patient stays where they are.
STAY = "stay"
SHOWING = re.compile(r"[A-Za-z0-9_-]{1,24}")
MOST = 10**9


class OlderError(Exception):
    """The same page has sent a later answer, which is kept."""


class ElsewhereError(Exception):
    """Another page has answered since this one was shown, so it must be looked at."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which showing of a page sent an answer, and as which of its answers."""

    showing: str
    tap: int
    # How often the question had been answered when the page was shown.
    base: int
    is_again: bool

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """A page without our script has one that never comes late."""
        showing = form.get("showing", "")
        return cls(
            showing=showing if SHOWING.fullmatch(showing) else "",
            tap=_whole(form.get("tap", "")),
            base=_whole(form.get("base", "")),
            is_again=form.get("again") == "1",
        )


def _whole(text: str) -> int:
    return min(int(text), MOST) if re.fullmatch("[0-9]{1,10}", text) else 0


def is_one(http: HttpRequest) -> bool:
    return http.method == "POST" and FIELD in http.POST


def go_of(http: HttpRequest, default: str) -> str:
    """The button that was pressed; none where the page only keeps what was chosen."""
    return http.POST.get("go") or (STAY if is_one(http) else default)


@contextmanager
def in_order(request: SurveyRequest, key: str, stamp: Stamp) -> Iterator[None]:
    """What is saved inside is kept only if it does not come late.

    Looked at after saving, when the survey is held, so that nobody's order of holding
    rows is turned round.
    """
    with transaction.atomic():
        yield
        _note(request.pk, key, stamp)


def _note(request_id: UUID, key: str, stamp: Stamp) -> None:
    row = SurveyRequest.objects.filter(pk=request_id)
    taps: dict[str, dict[str, Any]] = row.values_list("taps", flat=True).get()
    last = taps.get(key, {"showing": "", "tap": 0, "count": 0})
    if stamp.showing and stamp.showing == last["showing"]:
        if 0 < stamp.tap < last["tap"]:
            raise OlderError
    elif stamp.is_again and stamp.base < last["count"]:
        raise ElsewhereError
    taps[key] = {
        "showing": stamp.showing,
        "tap": stamp.tap,
        "count": last["count"] + 1,
    }
    row.update(taps=taps)


def fields(request: SurveyRequest, key: str) -> dict[str, Any]:
    """What a page carries, so that its answers can be put in order."""
    count = request.taps.get(key, {}).get("count", 0)
    return {"showing": secrets.token_urlsafe(9), "base": count}


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
