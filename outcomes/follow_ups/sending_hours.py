"""When a patient may be written to: the clinic's hours, on the patient's clock."""

from datetime import datetime, time

from outcomes.follow_ups.calendar import ONE_DAY, SendingHours
from patients.models import Patient

ANY_HOUR = (time(0), time(23, 59, 59))


def of(patient: Patient) -> SendingHours:
    """Costs no query where the clinic came with the patient."""
    clinic = patient.clinic
    # A demo is looked at when somebody has time for it; its mail stays on disk.
    sends_from, sends_until = (
        ANY_HOUR if clinic.is_demo else (clinic.sends_from, clinic.sends_until)
    )
    return SendingHours(patient.time_zone, sends_from, sends_until)


def resumes_at(patient: Patient) -> datetime | None:
    """When asking goes on after the patient's hold, the day after its last; None
    where there was none. Patients whose holds end together are spread over the hours.
    """
    if patient.hold_until is None:
        return None
    return of(patient).spread(patient.hold_until + ONE_DAY, str(patient.pk))
