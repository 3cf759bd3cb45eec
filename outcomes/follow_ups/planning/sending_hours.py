"""When a patient may be written to: the clinic's hours and days, on their own clock."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONArray

from clinic.models import Clinic, ClosedDay
from outcomes.follow_ups.planning.calendar import ONE_DAY, SendingHours
from patients.models import Patient

ANY_HOUR = (time(0), time(23, 59, 59))
NO_DAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """A clinic's hours and closed days, read once for all of a batch's patients."""

    sends_from: time
    sends_until: time
    # By location; those of None are the whole clinic's, and stand in each.
    closed: dict[UUID | None, frozenset[date]]

    @classmethod
    def of(cls, clinic: Clinic) -> "Calendar":
        """Costs a query, but for a demo: it is written from at any time."""
        closed = {} if clinic.is_demo else _closed_days(clinic)
        return cls(*_hours_of(clinic), closed)

    @classmethod
    def as_set(cls, clinic: Clinic) -> "Calendar":
        """As the settings say, of a demo too."""
        return cls(clinic.sends_from, clinic.sends_until, _closed_days(clinic))

    def hours(self, patient: Patient) -> SendingHours:
        """Costs no query where the clinic came with the patient."""
        return self.at(patient.time_zone, patient.location_id)

    def at(self, zone: str, place: UUID | None) -> SendingHours:
        closed = self.closed.get(place, self.closed.get(None, NO_DAYS))
        return SendingHours(zone, self.sends_from, self.sends_until, closed)


def _hours_of(clinic: Clinic) -> tuple[time, time]:
    # A demo is looked at when somebody has time for it; its mail stays on disk.
    return ANY_HOUR if clinic.is_demo else (clinic.sends_from, clinic.sends_until)


def _closed_days(clinic: Clinic) -> dict[UUID | None, frozenset[date]]:
    """Past days too: where somebody was to be asked must come out the same later."""
    rows = ClosedDay.objects.filter(clinic=clinic)
    return _by_place(rows.values_list("location_id", "day"))


def _by_place(
    rows: Iterable[tuple[UUID | None, date]],
) -> dict[UUID | None, frozenset[date]]:
    found: dict[UUID | None, set[date]] = defaultdict(set)
    for place, day in rows:
        found[place].add(day)
    everywhere = found[None]
    return {place: frozenset(days | everywhere) for place, days in found.items()}


class _JsonList(Aggregate):
    """Both databases list the rows of a group, each by a function of its own."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        options["function"] = "JSON_GROUP_ARRAY"
        return self.as_sql(compiler, connection, **options)


def with_closed_days(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Each with the closed days of the clinic, so that `of` costs no query."""
    days = ClosedDay.objects.filter(clinic=OuterRef("clinic")).order_by()
    pairs = days.values("clinic").annotate(
        pairs=_JsonList(JSONArray("location_id", "day"))
    )
    return patients.annotate(closed_days=Subquery(pairs.values("pairs")))


def calendar_of(patient: Patient) -> Calendar:
    """Costs a query, unless the closed days came with the patient."""
    clinic = patient.clinic
    pairs = getattr(patient, "closed_days", ())
    if pairs == () or clinic.is_demo:
        return Calendar.of(clinic)
    closed = _by_place(
        (UUID(place) if place else None, date.fromisoformat(day))
        for place, day in pairs or ()
    )
    return Calendar(*_hours_of(clinic), closed)


def of(patient: Patient, calendar: Calendar | None = None) -> SendingHours:
    """For routine messages; without a calendar it costs the query that reads one."""
    return (calendar or calendar_of(patient)).hours(patient)


def for_safety(patient: Patient, calendar: Calendar | None = None) -> SendingHours:
    """For safety checks, which ignore closed days; costs no query."""
    if calendar is not None:
        return calendar.hours(patient).every_day
    return SendingHours(patient.time_zone, *_hours_of(patient.clinic))


def resumes_at(patient: Patient, calendar: Calendar | None = None) -> datetime | None:
    """When asking goes on after the patient's hold, the day after its last; None
    where there was none. Patients whose holds end together are spread over the hours.
    """
    if patient.hold_until is None:
        return None
    hours = of(patient, calendar)
    return hours.spread(patient.hold_until + ONE_DAY, str(patient.pk))
