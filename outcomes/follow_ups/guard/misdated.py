"""Follow-ups that stand before their own day: days are dates on the patient's clock."""

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clinic.models import Clinic
from outcomes.follow_ups.planning import calendar, sending_hours
from outcomes.follow_ups.planning.calendar import SendingHours
from outcomes.models import FollowUp

AHEAD = timedelta(days=14)
# So many say enough, and SQLite takes them as parameters.
MOST = 500


def rows(clinic: Clinic, now: datetime) -> QuerySet[Any, Any]:
    """Of the next two weeks; a later moment than planned is a hold's or a release's."""
    return FollowUp.objects.filter(pk__in=_found(clinic, now))


class _Planned(NamedTuple):
    pk: UUID
    next_action_at: datetime
    zone: str
    who: str
    place: UUID | None
    opens_on: date
    closes_on: date
    due_on: date
    ask_day: int
    offset_days: int

    def is_early(self, hours: SendingHours) -> bool:
        """Unless it was brought forward, because the clinic closes until its end.

        What is the clinician's alone is looked at when its window opens.
        """
        day = calendar.local_day(self.next_action_at, hours.zone)
        if self.who == calendar.CLINICIAN:
            return day < self.opens_on
        ask_on = self.due_on + timedelta(days=self.ask_day - self.offset_days)
        if day >= ask_on:
            return False
        return day < hours.asking_day(ask_on, self.opens_on, self.closes_on)


def _found(clinic: Clinic, now: datetime) -> list[UUID]:
    planned = FollowUp.objects.filter(
        clinic=clinic,
        state=FollowUp.State.PLANNED,
        next_action_at__range=(now, now + AHEAD),
    ).annotate(
        zone=Coalesce("patient__merged_into__zone", "patient__zone"),
        place=Coalesce("patient__merged_into__location", "patient__location"),
    )
    hours = sending_hours.Calendar.of(clinic)
    rows = planned.order_by().values_list(*_Planned._fields).iterator()
    early = (
        one.pk
        for one in map(_Planned._make, rows)
        if one.is_early(hours.at(one.zone or clinic.zone, one.place))
    )
    return list(islice(early, MOST))
