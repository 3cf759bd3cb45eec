"""Days on which no routine message is sent, for the whole clinic or for a location."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock, consequences, us_holidays
from clinic.audit import By
from clinic.models import Clinic, ClosedDay, Location

ONE_DAY = timedelta(days=1)
LONGEST = 366
FURTHEST = timedelta(days=3 * 366)
# What the apps above are told that it changed.
CHANGED = "closed_days"


@transaction.atomic
def add(
    clinic: Clinic,
    *,
    first_on: date,
    last_on: date | None = None,
    location: Location | None = None,
    name: str = "",
    by: By,
) -> list[ClosedDay]:
    """A day or a range; what is closed already stays. ValidationError by field."""
    last_on = last_on or first_on
    _check_range(clinic, first_on, last_on)
    days = [first_on + ONE_DAY * n for n in range((last_on - first_on).days + 1)]
    added = _close(clinic, [(day, name) for day in days], location, by=by)
    if not added:
        raise ValidationError({"first_on": "It is closed already."})
    return added


@transaction.atomic
def add_holidays(clinic: Clinic, *, year: int, by: By) -> list[ClosedDay]:
    """The federal holidays of a year that are still to come, for the whole clinic."""
    today = clock.today(clinic.zone)
    if not today.year <= year <= today.year + 2:
        raise ValidationError(f"Choose a year from {today.year} to {today.year + 2}.")
    holidays = us_holidays.federal(year)
    wanted = [(one.day, one.name) for one in holidays if one.day >= today]
    return _close(clinic, wanted, None, by=by)


@transaction.atomic
def remove(closed: ClosedDay, *, by: By) -> None:
    """ValidationError for a day that is over: it explains what was not sent."""
    clinic = closed.clinic
    if closed.day < clock.today(clinic.zone):
        raise ValidationError("That day is over; it stays on record.")
    deleted, _ = ClosedDay.objects.filter(pk=closed.pk).delete()
    if deleted:
        consequences.apply("clinic.updated", clinic, by=by, changed=[CHANGED])
        _record("closed_day.removed", [closed], by=by)


def _check_range(clinic: Clinic, first_on: date, last_on: date) -> None:
    today = clock.today(clinic.zone)
    if first_on < today:
        raise ValidationError({"first_on": "That day is over; choose today or later."})
    if first_on > today + FURTHEST:
        raise ValidationError({"first_on": "Choose a day within three years."})
    if last_on < first_on:
        raise ValidationError({"last_on": "The last day comes before the first."})
    if (last_on - first_on).days >= LONGEST:
        raise ValidationError({"last_on": "Close a year at most at one time."})


def _close(
    clinic: Clinic,
    wanted: Iterable[tuple[date, str]],
    location: Location | None,
    *,
    by: By,
) -> list[ClosedDay]:
    rows = ClosedDay.objects.filter(clinic=clinic, location=location)
    closed = set(rows.values_list("day", flat=True))
    added = [
        ClosedDay(clinic=clinic, location=location, day=day, name=name)
        for day, name in wanted
        if day not in closed
    ]
    # Two people at once: the second finds the day closed, as they wanted it.
    ClosedDay.objects.bulk_create(added, ignore_conflicts=True)
    if added:
        consequences.apply("clinic.updated", clinic, by=by, changed=[CHANGED])
        _record("closed_day.added", added, by=by)
    return added


def _record(action: str, days: list[ClosedDay], *, by: By) -> None:
    place = days[0].location_id
    audit.record(
        by=by,
        action=action,
        about=days[0].clinic,
        days=[day.day.isoformat() for day in days],
        location=str(place) if place else None,
    )
