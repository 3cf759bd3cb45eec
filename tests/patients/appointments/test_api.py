import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic import clock
from clinic.models import AuditEvent
from patients.models import Appointment
from patients.record import merging
from tests import factories
from tests.api_client import with_token
from tests.patients.appointments.schedules import (
    make_appointment,
    row,
    schedule,
    take_in,
)

pytestmark = pytest.mark.django_db
LIST = "/api/v1/appointments/"
IMPORT = "/api/v1/appointments/import/"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def api(clerk):
    return with_token(clerk)


@pytest.fixture
def marta(clinic):
    return factories.make_patient(clinic, mrn="M1")


def hand_in(api, text, **more):
    file = SimpleUploadedFile("day.csv", text.encode())
    return api.post(IMPORT, {"file": file, **more}, format="multipart")


def test_appointments_are_listed_by_day_patient_and_state(api, clinic, marta, patient):
    today = clock.today(clinic.zone)
    own = make_appointment(marta)
    make_appointment(patient, "10:00", status="cancelled")
    make_appointment(marta, day=factories.days_ago(clinic, 1))
    assert api.get(LIST).json()["count"] == 3
    assert api.get(LIST, {"day": today}).json()["count"] == 2
    assert api.get(LIST, {"patient": marta.pk}).json()["count"] == 2
    assert api.get(LIST, {"status": "cancelled"}).json()["count"] == 1
    (first, _) = api.get(LIST, {"day": today}).json()["results"]
    assert (first["id"], first["patient"]) == (str(own.pk), str(marta.pk))
    assert (first["status"], first["kind"]) == ("booked", "visit")


def test_a_merged_record_is_told_as_the_kept_one(api, clinic, marta, patient, admin):
    make_appointment(marta)
    merging.merge(patient, merged=marta, reason="same card", by=admin)
    assert api.get(LIST).json()["results"][0]["patient"] == str(patient.pk)
    assert api.get(LIST, {"patient": patient.pk}).json()["count"] == 1


def test_those_without_a_patient_are_found(api, clinic, marta):
    make_appointment(marta)
    take_in(clinic, schedule(clinic, ("A1", "M9", "09:20")))
    (lone,) = api.get(LIST, {"is_unmatched": "true"}).json()["results"]
    assert (lone["mrn"], lone["patient"]) == ("M9", None)


def test_a_schedule_is_taken_in(api, clinic, marta):
    text = schedule(clinic, ("A1", "M1", "09:20"), ("A2", "", "10:00"))
    found = hand_in(api, text).json()
    assert found["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    assert found["days"] == [str(clock.today(clinic.zone))]
    assert found["refused"][0]["number"] == 3
    assert Appointment.objects.get().patient == marta


def test_a_preview_stores_nothing_and_is_on_record(api, clinic, marta):
    found = hand_in(api, schedule(clinic, ("A1", "M1", "09:20")), preview=True)
    assert found.json()["counts"]["new"] == 1
    assert not Appointment.objects.exists()
    assert AuditEvent.objects.filter(action="appointments.previewed").exists()


def test_columns_and_words_may_be_named(api, clinic, marta):
    text = "Nr,Chart,When,What\nA1,M1,12.03.2026 09:20,XP\n"
    columns = {"identifier": "Nr", "mrn": "Chart", "starts": "When", "status": "What"}
    found = hand_in(
        api,
        text,
        columns=json.dumps(columns),
        words=json.dumps({"status": {"XP": "noshow"}}),
        day_format="DD.MM.YYYY",
        source="desk",
    )
    assert found.status_code == 200, found.json()
    kept = Appointment.objects.get()
    assert (str(kept.day), kept.status, kept.source) == ("2026-03-12", "noshow", "desk")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"columns": '{"shoe": "MRN"}'}, "columns"),
        ({"columns": '{"mrn": "Shoe"}'}, "columns"),
        ({"columns": "[]"}, "columns"),
        ({"columns": '{"mrn": "MRN"}'}, "columns"),
        ({"words": '{"status": {"a": "perhaps"}}'}, "words"),
        ({"words": '{"mrn": {}}'}, "words"),
        ({"words": '{"status": 1}'}, "words"),
        ({"day_format": "YY"}, "day_format"),
        ({"shoe": "1"}, "shoe"),
    ],
)
def test_a_fault_is_named_and_nothing_goes_in(api, clinic, marta, more, field):
    reply = hand_in(api, schedule(clinic, ("A1", "M1", "09:20")), **more)
    assert (reply.status_code, list(reply.json())) == (400, [field])
    assert not Appointment.objects.exists()


def test_another_clinics_file_is_refused_unless_it_is_said_to_be_ours(api, clinic):
    text = schedule(clinic, *((f"A{n}", f"Q{n}", "09:20") for n in range(5)))
    reply = hand_in(api, text)
    assert (reply.status_code, list(reply.json())) == (400, ["takes_unknown"])
    assert not Appointment.objects.exists()
    assert hand_in(api, text, takes_unknown=True).status_code == 200


def test_what_is_left_out_is_named(api, clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00")))
    rest = schedule(clinic, row(clinic, "A2", "M1", "10:00"))
    assert hand_in(api, rest).json()["missing"] == ["A1"]
    hand_in(api, rest, cancels_missing=True)
    assert Appointment.objects.get(identifier="A1").status == "cancelled"


def test_a_workbook_is_refused_at_the_file(api):
    reply = api.post(
        IMPORT, {"file": SimpleUploadedFile("a.csv", b"PK\x03\x04")}, format="multipart"
    )
    assert (reply.status_code, list(reply.json())) == (400, ["file"])


def test_the_list_takes_as_many_queries_for_many_rows(
    api, clinic, django_assert_max_num_queries
):
    for _ in range(5):
        make_appointment(factories.make_patient(clinic))
    with django_assert_max_num_queries(12):
        assert api.get(LIST).json()["count"] == 5
