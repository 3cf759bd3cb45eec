"""Schedules as a clinic's other system exports them, and appointments for tests."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic import audit, clock
from clinic.models import Clinic
from patients.appointments import importing, sheets
from patients.appointments.importing import Foreseen
from patients.models import Appointment, Patient

HEADER = "Appt ID,MRN,Date,Time,Minutes,Status,Type,Provider"


def row(clinic: Clinic, identifier: str, mrn: str, at: str, **more: Any) -> str:
    day = more.get("day") or clock.today(clinic.zone)
    words = {"minutes": "30", "status": "Scheduled", "kind": "PRP knee", "with": ""}
    words |= more
    cells = (identifier, mrn, f"{day:%m/%d/%Y}", at, words["minutes"])
    return ",".join([*cells, words["status"], words["kind"], words["with"]])


def schedule(clinic: Clinic, *rows: tuple[str, str, str] | str) -> str:
    """Each row is a number, an MRN and a time of today, or a line as it is."""
    lines = [each if isinstance(each, str) else row(clinic, *each) for each in rows]
    return "\n".join([HEADER, *lines]) + "\n"


def take_in(
    clinic: Clinic, text: str | bytes, *, by: Any = audit.SYSTEM, **more: Any
) -> Foreseen:
    """As guessed, unless told otherwise."""
    raw = text if isinstance(text, bytes) else text.encode()
    sheet = sheets.read(raw)
    mapping = sheets.guess(sheet, clinic, today=clock.today(clinic.zone))
    rows = importing.told(sheet, mapping, zone=clinic.zone)
    return importing.take_in(clinic, rows, by=by, **{"source": mapping.source, **more})


def make_appointment(
    patient: Patient, at: str = "09:20", *, day: date | None = None, **fields: Any
) -> Appointment:
    """Booked for today in the clinic's zone, unless told otherwise."""
    clinic = patient.clinic
    day = day or clock.today(clinic.zone)
    starts_at = datetime.combine(day, time.fromisoformat(at), ZoneInfo(clinic.zone))
    defaults = {
        "identifier": f"{patient.mrn}-{day}-{at}",
        "source": "test",
        "mrn": patient.mrn,
        "day": day,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
    }
    return Appointment.objects.create(
        clinic=clinic, patient=patient, **{**defaults, **fields}
    )
