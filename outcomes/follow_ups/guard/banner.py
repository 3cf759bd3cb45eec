"""On every page for staff: that messages to patients wait, since when and why."""

import functools
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest

from clinic import access, clock
from clinic.access import Act
from clinic.models import Clinic, User
from outcomes.follow_ups.guard import explaining, releasing, stopped
from outcomes.follow_ups.guard.explaining import Explanation
from outcomes.follow_ups.guard.releasing import Waiting
from outcomes.follow_ups.guard.stopped import Stopped
from outcomes.models import ChannelPause, SendingPause


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
    def _stops(self) -> tuple[bool, bool]:
        """One look at two small indexes: whether a pause stands, or a channel does."""
        membership = self._user.membership
        if membership is None or not access.can(self._user, Act.READ_FOLLOW_UPS):
            return False, False
        paused = SendingPause.objects.visible_to(self._user).filter(released_at=None)
        stopped = ChannelPause.objects.felt_by(membership.clinic)
        rows = Clinic.objects.filter(pk=membership.clinic_id)
        return rows.values_list(Exists(paused), Exists(stopped)).get()

    @functools.cached_property
    def pause(self) -> Standing | None:
        """The counts only while a pause stands."""
        if not self._stops[0]:
            return None
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

    @functools.cached_property
    def stopped(self) -> list[Stopped]:
        """The channels for which messages of the clinic wait; its pause says more."""
        if self._stops != (False, True) or self._user.membership is None:
            return []
        clinic = self._user.membership.clinic
        return stopped.read(ChannelPause.objects.felt_by(clinic), clinic)


def sending(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"sending": Sending(user)} if isinstance(user, User) else {}
