"""Open studies for staff: what waits for whom, most urgent first."""

from datetime import date
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from clinic.models import User
from patients.models import Study


class Filter(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    MINE = "mine"
    REVIEW = "review"

    @property
    def label(self) -> str:
        return "waiting for review" if self == Filter.REVIEW else self.value


def conditions(user: User, today: date) -> dict[Filter, Q]:
    return {
        Filter.OPEN: Q(state__in=Study.OPEN),
        Filter.OVERDUE: Q(state__in=Study.OPEN, due_on__lt=today),
        Filter.MINE: Q(state__in=Study.OPEN, owner=user.pk),
        Filter.REVIEW: Q(state=Study.State.RECEIVED),
    }


def counts(user: User, today: date) -> list[tuple[Filter, int]]:
    """How many rows each filter shows, in one query."""
    found = Study.objects.visible_to(user).aggregate(
        **{
            str(name): Count("pk", filter=condition)
            for name, condition in conditions(user, today).items()
        }
    )
    return [(name, found[name]) for name in Filter]


def rows(user: User, chosen: Filter, today: date) -> QuerySet[Study]:
    found = Study.objects.visible_to(user).filter(conditions(user, today)[chosen])
    return found.with_people().most_urgent_first(today)
