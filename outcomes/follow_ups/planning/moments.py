"""The moments of what is planned, after a clinic's zone, hours or closed days changed.

The days stay; the hour on them, or the next open day, is reckoned anew: all rows of a
clinic in a few statements.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clinic import bulk, clock
from clinic.audit import By
from clinic.consequences import Effect
from clinic.models import Clinic
from outcomes.follow_ups.planning import sending_hours
from outcomes.models import FollowUp
from patients.models import Patient

# Settings on which the moment of an invitation hangs.
TURNS_ON = {"zone", "sends_from", "sends_until", "closed_days"}
ROWS_AT_ONCE = 2000


class _Planned(NamedTuple):
    """What the moment of a planned follow-up is reckoned from."""

    pk: UUID
    next_action_at: datetime
    patient_id: UUID
    zone: str
    location_id: UUID | None
    opens_on: date
    due_on: date
    closes_on: date
    offset_days: int
    ask_day: int
    is_safety: bool


def clinic_updated(clinic: Clinic, *, by: By, changed: list[str], **_: Any) -> None:
    """The reminders of what is open are reckoned each time they are looked at.

    In the transaction of who changed the clinic.
    """
    if not TURNS_ON & set(changed):
        return
    _hold_people(clinic)
    moved = [
        FollowUp(pk=one.pk, next_action_at=at)
        for one, at in _moved(clinic, clock.now())
    ]
    bulk.update(moved, ["next_action_at"])
    FollowUp.objects.filter(clinic=clinic, state__in=FollowUp.ASKED).update(
        next_action_at=clock.now()
    )


def _hold_people(clinic: Clinic) -> None:
    """Who is or will be asked, in the order of all who hold several: so that what is
    read here still stands when it is written.
    """
    rows = FollowUp.objects.filter(clinic=clinic).exclude(state__in=FollowUp.FINAL)
    kept = rows.annotate(kept=Coalesce("patient__merged_into", "patient")).order_by()
    held = Patient.objects.filter(pk__in=kept.values("kept")).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk"))


def foresee(clinic: Clinic, *, changed: list[str], **_: Any) -> Effect:
    if not TURNS_ON & set(changed):
        return Effect()
    found = list(_moved(clinic, clock.now()))
    people = len({one.patient_id for one, _ in found})
    if not people:
        return Effect()
    patients = f"{people:,} patient{'' if people == 1 else 's'}"
    asked = f"{len(found):,} invitation{'' if len(found) == 1 else 's'}"
    return Effect([f"another moment for {asked} of {patients}"])


def _moved(clinic: Clinic, now: datetime) -> Iterator[tuple[_Planned, datetime]]:
    hours = sending_hours.Calendar.of(clinic)
    for one in _rows(clinic, now):
        own = hours.at(one.zone or clinic.zone, one.location_id)
        ask_on = one.due_on + timedelta(days=one.ask_day - one.offset_days)
        open_hours = own.every_day if one.is_safety else own
        window = (one.opens_on, one.closes_on)
        at = max(open_hours.ask_at(ask_on, *window, str(one.patient_id)), now)
        if at != one.next_action_at:
            yield one, at


def _rows(clinic: Clinic, now: datetime) -> Iterable[_Planned]:
    planned: QuerySet[FollowUp] = FollowUp.objects.filter(
        clinic=clinic, state=FollowUp.State.PLANNED, next_action_at__gt=now
    ).exclude(who="clinician")
    read = planned.annotate(
        zone=Coalesce("patient__merged_into__zone", "patient__zone"),
        location_id=Coalesce("patient__merged_into__location", "patient__location"),
    )
    rows = read.order_by().values_list(*_Planned._fields)
    return map(_Planned._make, rows.iterator(ROWS_AT_ONCE))
