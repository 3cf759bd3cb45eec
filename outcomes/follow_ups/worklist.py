"""Who is asked and has not answered: rows for staff, by how urgent they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.follow_ups import calendar
from outcomes.models import Episode, FollowUp
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention

State = FollowUp.State
LIVE = (State.PLANNED, *FollowUp.ASKED, State.UNREACHABLE)
_ASKED = Q(state__in=FollowUp.ASKED)
_PLANNED = Q(state=State.PLANNED)
# Planned without a next action: it waits until the procedure is confirmed.
_WAITING = _PLANNED & Q(next_action_at__isnull=True)


def of_person(**conditions: object) -> Q:
    """Conditions on the patient; of a merged record on the one that is kept."""
    own = {f"patient__{name}": value for name, value in conditions.items()}
    kept = {f"patient__merged_into__{name}": v for name, v in conditions.items()}
    is_merged = Q(patient__merged_into__isnull=False)
    return (~is_merged & Q(**own)) | (is_merged & Q(**kept))


class Filter(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    UNREACHABLE = "unreachable"
    UPCOMING = "upcoming"
    ON_HOLD = "on-hold"
    ALL = "all"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Line:
    follow_up: FollowUp
    label: calendar.Label
    days_left: int


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A planned procedure whose day is over: was it done?"""

    intervention: Intervention
    patient: Patient
    days_since: int
    said: str


def conditions(today: date) -> dict[Filter, Q]:
    """The same bounds as `calendar.label`, as conditions on the stored dates."""
    overdue_since = today - calendar.DUE_FOR
    is_planned = _PLANNED & ~_WAITING
    is_held = is_planned & of_person(hold_until__gte=today) & _due_within_hold()
    is_underway = _ASKED | (is_planned & ~is_held & Q(due_on__lte=today))
    return {
        Filter.DUE: is_underway & Q(due_on__gt=overdue_since),
        Filter.OVERDUE: is_underway & Q(due_on__lte=overdue_since),
        Filter.UNREACHABLE: Q(state=State.UNREACHABLE),
        Filter.UPCOMING: _WAITING | (_PLANNED & ~is_held & Q(due_on__gt=today)),
        Filter.ON_HOLD: is_held,
        Filter.ALL: Q(state__in=LIVE),
    }


def _due_within_hold() -> Q:
    """What falls due after the hold is upcoming as ever."""
    own = Q(patient__merged_into=None, due_on__lte=F("patient__hold_until"))
    return own | Q(due_on__lte=F("patient__merged_into__hold_until"))


def rows(user: User) -> QuerySet[FollowUp]:
    """What is not final, of patients in follow-up; imported courses have ended."""
    found: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    return found.filter(
        of_person(withdrawn_on__isnull=True, deceased_on__isnull=True),
        state__in=LIVE,
        episode__status=Episode.Status.ACTIVE,
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
            *("patient__clinic", "patient__merged_into"),
            *("episode__plan", "episode__complaint", "request"),
        )
        .order_by("closes_on", "pk")
    )


def line(follow_up: FollowUp, today: date) -> Line:
    days_left = (follow_up.closes_on - today).days
    return Line(follow_up, follow_up.label_on(today), days_left)


def to_confirm(waiting: Iterable[Intervention], now: datetime) -> list[ToConfirm]:
    """Of those that a page shows: `confirmation.waiting` holds however many wait."""
    return [_to_confirm(each, now) for each in waiting]


def _to_confirm(intervention: Intervention, now: datetime) -> ToConfirm:
    patient = intervention.plan.complaint.patient.kept
    today = clock.day_of(now, patient.time_zone)
    planned_on = intervention.planned_on or today
    return ToConfirm(
        intervention=intervention,
        patient=patient,
        days_since=(today - planned_on).days,
        said=confirmation.said(intervention, patient.time_zone),
    )
