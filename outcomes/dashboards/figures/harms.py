"""Adverse events in the courses that the figures are about, by group."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from clinic import access
from clinic.access import Act
from clinic.models import User
from outcomes.dashboards import time_axis
from outcomes.dashboards.figures import counting
from outcomes.dashboards.figures.choices import Choices
from plans.models import AdverseEvent


@dataclass(frozen=True, slots=True)
class Harms:
    """How many courses had an event that stands, and how many a serious one."""

    courses: int = 0
    serious: int = 0


NONE = Harms()


def by_group(user: User, measure_id: UUID, chosen: Choices) -> Mapping[str, Harms]:
    """One query, from the events on: most courses have none. Without those rights
    nothing is told.
    """
    if not (access.can(user, Act.READ_PLANS) and access.sees_small_cells(user)):
        return {}
    events = AdverseEvent.objects.visible_to(user).standing()
    had = Q(episode__plan__in=events.values("intervention__plan"))
    had_serious = Q(
        episode__plan__in=events.filter(is_serious=True).values("intervention__plan")
    )
    rows = (
        counting.live(user, measure_id, chosen)
        .filter(had, bin_day=time_axis.BASELINE)
        .annotate(key=counting.key_of(chosen.by))
        .values_list("key")
        .annotate(courses=Count("pk"), serious=Count("pk", filter=had_serious))
        .order_by()
    )
    return {key: Harms(courses, serious) for key, courses, serious in rows}
