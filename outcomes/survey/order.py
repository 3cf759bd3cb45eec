"""Which of several answers to a question counts, in whatever order they arrive.

A page numbers what it sends. Of one showing of a question the highest number counts,
so an early answer that was held up on its way never replaces a later one. An answer
that is sent again, because no reply came, gives way to what was said elsewhere
meanwhile. No clock of a phone is asked.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from outcomes.models import SurveyRequest

SHOWING = re.compile(r"[A-Za-z0-9_-]{1,24}")
MOST = 10**9
_NOTHING = {"showing": "", "tap": 0, "count": 0}


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


def note(request: SurveyRequest, key: str, stamp: Stamp | None) -> None:
    """Put an answer behind those before; OlderError, ElsewhereError if it comes late.

    The survey is held, and its `taps` are as they stand. What staff take down has no
    stamp.
    """
    if stamp is None:
        return
    last = request.taps.get(key, _NOTHING)
    if stamp.showing and stamp.showing == last["showing"]:
        if 0 < stamp.tap < last["tap"]:
            raise OlderError
    elif stamp.is_again and stamp.base < last["count"]:
        raise ElsewhereError
    request.taps[key] = {
        "showing": stamp.showing,
        "tap": stamp.tap,
        "count": last["count"] + 1,
    }


def keep(request: SurveyRequest, stamp: Stamp | None) -> None:
    """Write down what was noted of a survey that is still held."""
    if stamp is None:
        return
    SurveyRequest.objects.filter(pk=request.pk).update(taps=request.taps)


def fields(request: SurveyRequest, key: str) -> dict[str, Any]:
    """What a page carries, so that its answers can be put in order."""
    count = request.taps.get(key, _NOTHING)["count"]
    return {"showing": secrets.token_urlsafe(9), "base": count}
