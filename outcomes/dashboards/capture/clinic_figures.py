"""The clinic's own part of follow-ups: what was to be examined, and what was missed.

Counted beside the answers and never with them: a patient who answered is no excuse for
an examination nobody made, and the other way round. Done is done within the window, as
nothing else is taken for it; missed is a window that closed without.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Value, When

from clinic.models import User
from outcomes.dashboards.capture import counts, fates, rows
from outcomes.dashboards.capture.choices import CLINIC_DUE, NONE, Choices
from outcomes.dashboards.capture.counts import Cell, Delivery, Fate, Report
from outcomes.models import FollowUp
from plans.models import Timepoint

DIMENSIONS = ("timepoint", "provider")


def report(user: User, choices: Choices, today: date) -> Report:
    """One query; of `Counts` the eligible, the answered (examined) and the missed."""
    return counts.report(cells(user, choices, today), (), DIMENSIONS)


def cells(user: User, choices: Choices, today: date) -> list[Cell]:
    found = (
        due(user, choices, today)
        .order_by()
        .values_list("label", "provider", "fate")
        .annotate(day=Min("offset_days"), n=Count("pk"))
    )
    apart = {"protocol": NONE, "language": "", "channel": NONE, "step": ""}
    return [
        Cell(
            **apart,
            timepoint=label,
            day=day,
            provider=str(provider) if provider else NONE,
            fate=fate,
            delivery=Delivery.NOT_SENT,
            n=n,
        )
        for label, provider, fate, day, n in found
    ]


def listed(
    user: User, choices: Choices, cell: Mapping[str, str], today: date
) -> QuerySet[Any]:
    """The follow-ups behind one of these numbers."""
    found, wanted = due(user, choices, today), cell["clinic"]
    return found if wanted == CLINIC_DUE else found.filter(fate=wanted)


def due(user: User, choices: Choices, today: date) -> QuerySet[Any]:
    """Those in which the clinic had a part, while the patient was in care."""
    is_done = Q(examined_at__isnull=False)
    is_missed = Q(state=FollowUp.State.EXPIRED) & fates.is_of_care()
    return (
        rows.of_period(user, choices, today)
        .exclude(who=Timepoint.Who.PATIENT)
        .exclude(state=FollowUp.State.CANCELLED)
        .filter(is_done | is_missed)
        .annotate(
            fate=Case(
                When(is_done, then=Value(Fate.ANSWERED.value)),
                default=Value(Fate.MISSED.value),
            )
        )
    )
