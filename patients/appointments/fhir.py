"""FHIR R4 Appointment: plain JSON in, a draft out, and back.

The JSON is of a resource that `fhir.resources` has found well formed; this module
does not load that library. Raises FhirError naming the path.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from patients.appointments import kinds, times
from patients.appointments.draft import Draft
from patients.models import Appointment
from patients.record.fhir_resources import FhirError, Resource

Status = Appointment.Status
STATUSES = {
    "proposed": Status.BOOKED,
    "pending": Status.BOOKED,
    "booked": Status.BOOKED,
    "waitlist": Status.BOOKED,
    "arrived": Status.ARRIVED,
    "checked-in": Status.ARRIVED,
    "fulfilled": Status.FULFILLED,
    "noshow": Status.NO_SHOW,
    "cancelled": Status.CANCELLED,
    "entered-in-error": Status.ENTERED_IN_ERROR,
}
PATIENT, LOCATION = "Patient", "Location"
PRACTITIONERS = ("Practitioner", "PractitionerRole")


def from_fhir(data: Resource) -> Draft:
    starts_at = moment(data, "start")
    if starts_at is None:
        raise FhirError("start", "is missing; nobody knows when it is.")
    description = described(data)
    return Draft(
        identifier=identifier(data),
        mrn=value_of(actor(data, PATIENT)),
        starts_at=starts_at,
        ends_at=end(data, starts_at),
        status=status(data),
        kind=kinds.told_by(*titles(data), data.get("description") or ""),
        description=description[:200],
        location=display_of(actor(data, LOCATION))[:120],
        practitioner=display_of(actor(data, *PRACTITIONERS))[:120],
    )


def to_fhir(row: Appointment) -> Resource:
    """Reads the patient, the location and the practitioner."""
    found: Resource = {
        "resourceType": "Appointment",
        "id": str(row.pk),
        "identifier": [{"system": f"urn:mendline:{row.source}"}],
        "status": str(row.status),
        "description": row.description or row.get_kind_display(),
        "start": row.starts_at.astimezone(UTC).isoformat(),
        "participant": [*_participants(row)],
    }
    found["identifier"][0]["value"] = row.identifier
    if row.ends_at is not None:
        found["end"] = row.ends_at.astimezone(UTC).isoformat()
        minutes = round((row.ends_at - row.starts_at) / timedelta(minutes=1))
        if minutes:
            found["minutesDuration"] = minutes
    return found


def _participants(row: Appointment) -> Iterator[Resource]:
    patient: Resource = {"type": PATIENT, "identifier": {"value": row.mrn}}
    if row.patient is not None:
        patient["reference"] = f"Patient/{row.patient.kept_id}"
    yield {"actor": patient, "status": "accepted"}
    practitioner = row.practitioner.name if row.practitioner else row.practitioner_name
    for kind, name in (
        ("Practitioner", practitioner),
        (LOCATION, row.location.name if row.location else ""),
    ):
        if name:
            yield {"actor": {"type": kind, "display": name}, "status": "accepted"}


def patient_reference(data: Resource) -> str:
    """What the file calls the patient, where it tells no number: Patient/12."""
    return str(actor(data, PATIENT).get("reference") or "")


def identifier(data: Resource) -> str:
    values = (one.get("value") for one in data.get("identifier") or [])
    found = next((str(value).strip() for value in values if value), "")
    found = found or str(data.get("id") or "")
    if not found:
        raise FhirError("identifier", "is missing; without it nothing can be updated.")
    return found[:80]


def status(data: Resource) -> str:
    value = data.get("status", "")
    if value not in STATUSES:
        raise FhirError("status", f"{value!r} is none of R4.")
    return STATUSES[value]


def moment(data: Resource, key: str) -> datetime | None:
    text = data.get(key)
    if not text:
        return None
    found = times.with_offset(str(text))
    if found is None:
        raise FhirError(key, "must say the time and how far it is from UTC.")
    return found


def end(data: Resource, starts_at: datetime) -> datetime | None:
    found = moment(data, "end")
    minutes = data.get("minutesDuration")
    if found is None and minutes:
        found = starts_at + timedelta(minutes=int(minutes))
    if found is not None and found < starts_at:
        raise FhirError("end", "is before the start.")
    return found


def described(data: Resource) -> str:
    said = [data.get("description"), *titles(data)]
    return " ".join(next((str(text) for text in said if text), "").split())


def titles(data: Resource) -> list[str]:
    """What its types call it, the most telling first."""
    listed: list[Resource] = [
        *([data["appointmentType"]] if data.get("appointmentType") else []),
        *(data.get("serviceType") or []),
        *(data.get("reasonCode") or []),
    ]
    return [text for concept in listed if (text := title(concept))]


def title(concept: Resource) -> str:
    codings: list[Resource] = concept.get("coding") or []
    displays = (coding.get("display") for coding in codings)
    return str(concept.get("text") or next(filter(None, displays), ""))


def actor(data: Resource, *kinds_of_actor: str) -> dict[str, Any]:
    """The first participant of a kind, by its reference or its type."""
    for participant in data.get("participant") or []:
        found: dict[str, Any] = participant.get("actor") or {}
        reference = str(found.get("reference") or "")
        kind = found.get("type") or reference.rpartition("/")[0].rpartition("/")[2]
        if kind in kinds_of_actor:
            return found
    return {}


def value_of(found: dict[str, Any]) -> str:
    return str((found.get("identifier") or {}).get("value") or "").strip()[:40]


def display_of(found: dict[str, Any]) -> str:
    return " ".join(str(found.get("display") or "").split())
