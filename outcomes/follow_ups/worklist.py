"""Who is asked and has not answered: rows for staff, by how urgent they are."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from clinic.models import User
from outcomes.follow_ups import calendar
from outcomes.models import Episode, FollowUp
from patients.triage import early_intervention

State = FollowUp.State
LIVE = (State.PLANNED, *FollowUp.ASKED, State.UNREACHABLE)
_ASKED = Q(state__in=FollowUp.ASKED)
_PLANNED = Q(state=State.PLANNED)
# Planned without a next action: it waits until the procedure is confirmed.
_WAITING = _PLANNED & Q(next_action_at__isnull=True)


class Filter(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    UNREACHABLE = "unreachable"
    UPCOMING = "upcoming"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Line:
    follow_up: FollowUp
    label: calendar.Label
    days_left: int


def conditions(today: date) -> dict[Filter, Q]:
    """The same bounds as `calendar.label`, as conditions on the stored dates."""
    overdue_since = today - calendar.DUE_FOR
    is_underway = _ASKED | (_PLANNED & ~_WAITING & Q(due_on__lte=today))
    return {
        Filter.DUE: is_underway & Q(due_on__gt=overdue_since),
        Filter.OVERDUE: is_underway & Q(due_on__lte=overdue_since),
        Filter.UNREACHABLE: Q(state=State.UNREACHABLE),
        Filter.UPCOMING: _WAITING | (_PLANNED & Q(due_on__gt=today)),
        Filter.ALL: Q(state__in=LIVE),
    }


def rows(user: User) -> QuerySet[FollowUp]:
    """What is not final, of patients in follow-up; imported courses have ended."""
    found: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    return found.filter(
        state__in=LIVE,
        episode__status=Episode.Status.ACTIVE,
        patient__withdrawn_on__isnull=True,
        patient__deceased_on__isnull=True,
    )


def counts(user: User, today: date) -> list[tuple[Filter, int]]:
    """How many rows each filter shows, in one query."""
    found = rows(user).aggregate(
        **{
            str(name): Count("pk", filter=condition)
            for name, condition in conditions(today).items()
        }
    )
    return [(name, found[name]) for name in Filter]


def page_rows(user: User, chosen: Filter, today: date) -> QuerySet[FollowUp]:
    return (
        rows(user)
        .filter(conditions(today)[chosen])
        .select_related(
            "patient__clinic", "episode__plan", "episode__complaint", "request"
        )
        .prefetch_related(early_intervention.clocks(user, "patient__"))
        .order_by("closes_on", "pk")
    )


def line(follow_up: FollowUp, today: date) -> Line:
    days_left = (follow_up.closes_on - today).days
    return Line(follow_up, follow_up.label_on(today), days_left)
