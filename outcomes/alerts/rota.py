"""The clinic's rota: who is on call, how they are reached, who stands in for whom."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clinics, clock, zones
from clinic.access import Act
from clinic.models import Clinic, ClosedDay, User
from outcomes.alerts import on_call as calendar
from outcomes.alerts.on_call import OnCall
from outcomes.models import AlertSettings, OnCallContact, OnCallShift
from patients.models import contact_keys

Kind = OnCallShift.Kind
ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
NOTE_LENGTH = 120


def people(clinic: Clinic) -> QuerySet[User]:
    """Who can be on call: whoever may say that they look at an alert."""
    return clinics.who_may(clinic, Act.ACKNOWLEDGE_ALERTS).order_by("name", "pk")


def on_call(
    clinic: Clinic, at: datetime, *, among: Container[UUID] | None = None
) -> OnCall:
    """At that moment by the clinic's clock; two queries.

    Who does not work here any more (`among`) is passed over.
    """
    local = at.astimezone(ZoneInfo(clinic.zone))
    shifts = [
        shift
        for shift in current(clinic, local.date())
        if among is None or shift.user_id in among
    ]
    days = (local.date() - ONE_DAY, local.date())
    closed = ClosedDay.objects.filter(clinic=clinic, location=None, day__in=days)
    return calendar.at(local, shifts, set(closed.values_list("day", flat=True)))


def current(clinic: Clinic, day: date) -> QuerySet[OnCallShift]:
    """Without the dates that are over, but for a night that is not."""
    over = OnCallShift.objects.filter(clinic=clinic, last_on__lt=day - ONE_DAY)
    shifts = OnCallShift.objects.filter(clinic=clinic).select_related("user")
    return shifts.exclude(pk__in=over)


@transaction.atomic
def add(
    clinic: Clinic,
    *,
    user: User,
    kind: str,
    by: User,
    place: int = OnCallShift.Place.FIRST,
    day: int | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
    begins_at: time = time(0),
    ends_at: time = time(0),
    note: str = "",
) -> OnCallShift:
    """A shift of the week, on certain days, or that somebody is away."""
    if not people(clinic).filter(pk=user.pk).exists():
        raise ValidationError(
            {"user": "Choose somebody who may look at alerts: a provider or assistant."}
        )
    if kind == Kind.WEEKLY:
        first_on = last_on = None
        if day is None:
            raise ValidationError({"day": "Choose the day of the week."})
    else:
        day = None
        first_on, last_on = _dates(clinic, first_on, last_on)
    if kind == Kind.AWAY:
        begins_at = ends_at = time(0)
    shift = OnCallShift(
        clinic=clinic,
        user=user,
        kind=kind,
        place=place,
        day=day,
        first_on=first_on,
        last_on=last_on,
        begins_at=begins_at,
        ends_at=ends_at,
        note=note.strip()[:NOTE_LENGTH],
    )
    # What is empty is checked above, by what kind of shift it is.
    shift.full_clean(exclude=["day", "first_on", "last_on"])
    shift.save()
    audit.record(by=by, action="on_call.added", about=shift, **_facts(shift))
    return shift


def _dates(
    clinic: Clinic, first_on: date | None, last_on: date | None
) -> tuple[date, date]:
    if first_on is None:
        raise ValidationError({"first_on": "Give the first day."})
    last_on = last_on or first_on
    if last_on < first_on:
        raise ValidationError({"last_on": "The last day comes before the first."})
    if last_on < clock.today(clinic.zone):
        raise ValidationError({"last_on": "These days are over."})
    if last_on - first_on >= LONGEST:
        raise ValidationError({"last_on": "Choose a year at most."})
    return first_on, last_on


@transaction.atomic
def remove(shift: OnCallShift, *, by: User) -> None:
    deleted, _ = OnCallShift.objects.filter(pk=shift.pk).delete()
    if deleted:
        audit.record(by=by, action="on_call.removed", about=shift, **_facts(shift))


def _facts(shift: OnCallShift) -> dict[str, Any]:
    return {
        "user": str(shift.user_id),
        "kind": shift.kind,
        "place": shift.place,
        "day": shift.day,
        "first_on": shift.first_on and shift.first_on.isoformat(),
        "last_on": shift.last_on and shift.last_on.isoformat(),
        "begins_at": shift.begins_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
    }


@transaction.atomic
def set_contact(
    clinic: Clinic, *, user: User, by: User, phone: str = "", first: str
) -> OnCallContact:
    """The number of a member of staff and what is tried first."""
    if not people(clinic).filter(pk=user.pk).exists():
        raise ValidationError({"user": "Choose somebody who may look at alerts."})
    if phone and not contact_keys.phone_key(
        phone, zones.country_of(clinic.zone)
    ).startswith("+"):
        raise ValidationError({"phone": "Give a phone number such as 312 555 0100."})
    if not phone and first != OnCallContact.First.EMAIL:
        raise ValidationError(
            {"phone": "Give a number, or choose to be told by e-mail only."}
        )
    row, _ = OnCallContact.objects.update_or_create(
        clinic=clinic, user=user, defaults={"phone": phone, "first": first}
    )
    # The number is a person's own; that it changed is enough.
    audit.record(
        by=by, action="on_call.contact_set", about=row, user=str(user.pk), first=first
    )
    return row


@transaction.atomic
def set_minutes(
    clinic: Clinic, *, second_after_minutes: int, by: User
) -> AlertSettings:
    """How long before the second person is told of something urgent."""
    row = AlertSettings.objects.filter(clinic=clinic).first()
    row = row or AlertSettings(clinic=clinic)
    before = row.second_after_minutes
    row.second_after_minutes = second_after_minutes
    row.full_clean()
    row.save()
    audit.record(
        by=by,
        action="alert_settings.changed",
        about=row,
        before=before,
        after=second_after_minutes,
    )
    return row
