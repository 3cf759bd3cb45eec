"""When a patient may be written to: the clinic's hours and days, on their own clock."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from clinic.models import Clinic, ClosedDay
from outcomes.follow_ups.calendar import ONE_DAY, SendingHours
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
    found: dict[UUID | None, set[date]] = defaultdict(set)
    rows = ClosedDay.objects.filter(clinic=clinic)
    for place, day in rows.values_list("location_id", "day"):
        found[place].add(day)
    everywhere = found[None]
    return {place: frozenset(days | everywhere) for place, days in found.items()}


def of(patient: Patient, calendar: Calendar | None = None) -> SendingHours:
    """For routine messages; without a calendar it costs the query that reads one."""
    return (calendar or Calendar.of(patient.clinic)).hours(patient)


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
