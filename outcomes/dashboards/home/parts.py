"""What the first page has for who treats: flags, alerts, new answers and worse ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Window

from clinic import access
from clinic.access import Act, Role
from clinic.models import User
from outcomes.dashboards.home import mine, news
from outcomes.dashboards.home.mine import Whose
from outcomes.dashboards.home.news import News
from outcomes.models import Alert
from patients.models import Patient, RedFlag

# More would push the day's work off the first screen; all of them have a page.
FLAGS_SHOWN = 6
ALERTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """None is what the role has no part in."""

    flags: Sequence[RedFlag] | None
    flags_count: int
    # Of everybody: nothing urgent is out of sight for being another's patient's.
    clinic_flags_count: int
    alerts: Sequence[Alert] | None
    alerts_count: int
    news: News | None

    @property
    def patients(self) -> list[Patient]:
        """Whose names are shown."""
        flagged = [flag.patient.kept for flag in self.flags or ()]
        alerted = [alert.patient.kept for alert in self.alerts or ()]
        told = self.news.patients if self.news else []
        return [*flagged, *alerted, *told]


def read(user: User, whose: Whose, now: datetime) -> Parts:
    """Nine queries for who treats, whatever there is."""
    flags: list[RedFlag] | None = None
    alerts: list[Alert] | None = None
    told, flags_count, alerts_count = None, 0, 0
    if works_on_patients(user) and access.can(user, Act.READ_CLINICAL):
        flags, flags_count = first_of(open_flags(user, whose), FLAGS_SHOWN)
    if mine.is_provider(user):
        alerts, alerts_count = first_of(standing_alerts(user, whose), ALERTS_SHOWN)
        told = news.read(user, whose, now)
    in_clinic = flags_count
    if flags is None or whose == Whose.MINE:
        in_clinic = open_flags(user).count()
    return Parts(flags, flags_count, in_clinic, alerts, alerts_count, told)


def open_flags(user: User, whose: Whose = Whose.ALL) -> QuerySet[RedFlag]:
    """Red flags that nobody has acted on yet; those of nobody's patients are mine."""
    visible = RedFlag.objects.visible_to(user).for_pages().standing()
    return mine.of_or_nobodys(visible.filter(state=RedFlag.State.OPEN), user, whose)


def standing_alerts(user: User, whose: Whose) -> QuerySet[Alert]:
    """Those that are not put off; a red flag's own stands with the red flags."""
    awake = Alert.objects.visible_to(user).standing().awake()
    related = awake.filter(red_flag=None).select_related(
        *("patient__clinic", "patient__merged_into__clinic"),
        *("acknowledged_by", "acted_by"),
    )
    return mine.of(related, user, whose)


def works_on_patients(user: User) -> bool:
    """Whether one sees to what is found in patients; who only administers does not,
    and is told how much of it waits.
    """
    if user.membership is None:
        return False
    return {*user.membership.roles} != {Role.ADMIN}


def first_of(rows: QuerySet[Any], shown: int) -> tuple[list[Any], int]:
    """The first of them and how many there are, in one query."""
    found = list(rows.annotate(total=Window(Count("*")))[:shown])
    return found, found[0].total if found else 0
