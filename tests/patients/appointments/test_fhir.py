from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.appointment import Appointment as FhirAppointment

from patients.appointments import fhir
from patients.record.fhir_resources import FhirError
from tests import factories
from tests.patients.appointments.schedules import make_appointment

RESOURCE = {
    "resourceType": "Appointment",
    "id": "9",
    "identifier": [{"system": "urn:x", "value": "A1"}],
    "status": "checked-in",
    "appointmentType": {"text": "Injection"},
    "serviceType": [{"coding": [{"display": "Spine"}]}],
    "start": "2026-03-12T09:20:00-05:00",
    "end": "2026-03-12T09:50:00-05:00",
    "participant": [
        {
            "actor": {"reference": "Patient/7", "identifier": {"value": "M1"}},
            "status": "accepted",
        },
        {
            "actor": {"reference": "Practitioner/3", "display": "Dr Ada  Okafor"},
            "status": "accepted",
        },
        {"actor": {"type": "Location", "display": "North"}, "status": "accepted"},
    ],
}


def test_an_appointment_is_read():
    draft = fhir.from_fhir(RESOURCE)
    assert (draft.identifier, draft.mrn, draft.status) == ("A1", "M1", "arrived")
    assert draft.starts_at == datetime(2026, 3, 12, 14, 20, tzinfo=UTC)
    assert draft.ends_at == datetime(2026, 3, 12, 14, 50, tzinfo=UTC)
    assert (draft.kind, draft.description) == ("procedure", "Injection")
    assert (draft.location, draft.practitioner) == ("North", "Dr Ada Okafor")
    assert fhir.patient_reference(RESOURCE) == "Patient/7"


def test_every_state_of_r4_means_one_of_ours():
    schema = FhirAppointment.model_json_schema()["properties"]["status"]
    assert set(fhir.STATUSES) == set(schema["enum_values"])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"start": None}, "start"),
        ({"start": "2026-03-12T09:20:00"}, "start"),
        ({"end": "2026-03-12T09:00:00-05:00"}, "end"),
        ({"status": "perhaps"}, "status"),
        ({"identifier": [], "id": None}, "identifier"),
    ],
)
def test_what_is_missing_or_wrong_is_named_by_its_path(change, path):
    with pytest.raises(FhirError) as refused:
        fhir.from_fhir({**RESOURCE, **change})
    assert refused.value.path == path


def test_minutes_make_the_end_where_none_is_given():
    found = fhir.from_fhir({**RESOURCE, "end": None, "minutesDuration": 45})
    assert found.ends_at == datetime(2026, 3, 12, 15, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_what_is_written_is_r4_and_reads_back(clinic, physician):
    patient = factories.make_patient(clinic, mrn="M1")
    row = make_appointment(
        patient, practitioner=physician, description="PRP knee", kind="procedure"
    )
    written = fhir.to_fhir(row)
    FhirAppointment.model_validate(written)
    draft = fhir.from_fhir(written)
    assert (draft.identifier, draft.mrn) == (row.identifier, "M1")
    assert (draft.starts_at, draft.ends_at) == (row.starts_at, row.ends_at)
    assert (draft.status, draft.kind) == ("booked", "procedure")
    assert draft.practitioner == physician.name
    assert fhir.patient_reference(written) == f"Patient/{patient.pk}"
