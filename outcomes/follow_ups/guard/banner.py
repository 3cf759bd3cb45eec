"""On every page for staff: that messages to patients wait, since when and why."""

import functools
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from clinic import clock
from clinic.models import User
from outcomes.follow_ups.guard import explaining, releasing
from outcomes.follow_ups.guard.explaining import Explanation
from outcomes.follow_ups.guard.releasing import Waiting
from outcomes.models import SendingPause


@dataclass(frozen=True, slots=True)
class Standing:
    pause: SendingPause
    explanation: Explanation
    waiting: Waiting


class Sending:
    """Read only where a template asks, and once for all of a page."""

    def __init__(self, user: User) -> None:
        self._user = user

    @functools.cached_property
    def pause(self) -> Standing | None:
        """One look at a small index; the counts only while a pause stands."""
        visible = SendingPause.objects.visible_to(self._user)
        found = (
            visible.filter(released_at=None)
            .select_related("begun_by", "clinic")
            .first()
        )
        if found is None:
            return None
        return Standing(
            found,
            explaining.explain(found, found.clinic.zone),
            releasing.waiting(found.clinic, clock.now()),
        )


def sending(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"sending": Sending(user)} if isinstance(user, User) else {}
