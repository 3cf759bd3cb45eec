"""Follow-ups that stand before their own day: days are dates on the patient's clock."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clinic.models import Clinic
from outcomes.follow_ups import calendar
from outcomes.models import FollowUp

AHEAD = timedelta(days=14)
# So many say enough, and SQLite takes them as parameters.
MOST = 500


def rows(clinic: Clinic, now: datetime) -> QuerySet[Any, Any]:
    """Of the next two weeks; a later moment than planned is a hold's or a release's."""
    return FollowUp.objects.filter(pk__in=_found(clinic, now))


def _found(clinic: Clinic, now: datetime) -> list[UUID]:
    planned = FollowUp.objects.filter(
        clinic=clinic,
        state=FollowUp.State.PLANNED,
        next_action_at__range=(now, now + AHEAD),
    ).annotate(zone=Coalesce("patient__merged_into__zone", "patient__zone"))
    columns = ("pk", "next_action_at", "zone", "due_on", "ask_day", "offset_days")
    early = (
        pk
        for pk, at, zone, due_on, ask_day, offset in planned.order_by()
        .values_list(*columns)
        .iterator()
        if calendar.local_day(at, zone or clinic.zone)
        < due_on + timedelta(days=ask_day - offset)
    )
    return list(islice(early, MOST))
