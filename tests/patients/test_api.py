from datetime import date, timedelta

import pytest

from clinic import clock
from clinic.models import AuditEvent
from patients.models import Complaint, Diagnosis, Patient, SourceHypothesis
from tests import factories
from tests.api_client import with_token

PATIENTS, COMPLAINTS = "/api/v1/patients/", "/api/v1/complaints/"
DIAGNOSES = "/api/v1/diagnoses/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def foot(patient):
    return {"patient": str(patient.pk), "pain_site": "foot", "side": "left"}


def test_only_an_import_may_have_no_birth_date(api, patient):
    one = f"{PATIENTS}{patient.pk}/"
    assert api.patch(one, {"birth_date": None}).status_code == 400
    assert (
        api.post(PATIENTS, {"family_name": "Q", "birth_date": None}).status_code == 400
    )
    Patient.objects.update(origin="import", birth_date=None)
    held = api.get(one).json()
    changes = {"birth_date": held["birth_date"], "given_name": "Ana"}
    assert api.patch(one, changes).json()["given_name"] == "Ana"
    assert api.get(PATIENTS, {"mrn": held["mrn"].lower()}).json()["count"] == 1


def test_a_patient_is_registered_and_can_be_read_again(api, clinic):
    body = {
        "family_name": "Ibáñez",
        "given_name": "Lucía",
        "birth_date": "1948-07-01",
        "email": "lucia@example.org",
        "phone": "+1 555 0100",
        "may_contact": True,
        "language": "es",
    }
    made = api.post(PATIENTS, body)
    assert made.status_code == 201
    assert body.items() <= made.json().items()
    assert made.json() == api.get(f"{PATIENTS}{made.json()['id']}/").json()
    assert Patient.objects.get().clinic == clinic


def test_registering_is_audited_as_the_caller(api, physician):
    api.post(PATIENTS, {"family_name": "Quill", "birth_date": "1960-02-29"})
    assert AuditEvent.objects.get(action="patient.registered").actor == physician


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth_date", "2999-01-01"),
        ("birth_date", "1850-01-01"),
        ("birth_date", "29.02.1960"),
        ("birth_date", None),
        ("family_name", ""),
        ("family_name", "x" * 81),
        ("family_name", "a\x00b"),
        ("sex", "m"),
        ("zone", "Chicago"),
        ("email", "nobody"),
        ("withdrawn_on", "2020-01-01"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(api, field, value):
    body = {"family_name": "Quill", "birth_date": "1960-02-29", field: value}
    reply = api.post(PATIENTS, body)
    assert reply.status_code == 400
    assert list(reply.json()) == [field]
    assert not Patient.objects.exists()


def test_an_mrn_that_is_taken_is_refused_by_name(api, patient):
    body = {"family_name": "Quill", "birth_date": "1960-02-29", "mrn": patient.mrn}
    reply = api.post(PATIENTS, body)
    assert reply.status_code == 400
    assert patient.mrn in reply.json()["mrn"][0]


def test_consent_needs_an_address(api, patient):
    body = {"family_name": "Quill", "birth_date": "1960-02-29", "may_contact": True}
    assert list(api.post(PATIENTS, body).json()) == ["email"]
    address = f"{PATIENTS}{patient.pk}/"
    assert api.patch(address, {"may_contact": True}).status_code == 200
    assert api.patch(address, {"email": "", "may_contact": True}).status_code == 400


def test_a_change_touches_only_what_it_names(api, patient):
    before = api.get(f"{PATIENTS}{patient.pk}/").json()
    reply = api.patch(f"{PATIENTS}{patient.pk}/", {"email": "new@example.org"})
    assert reply.status_code == 200
    assert reply.json() == {**before, "email": "new@example.org"}


def test_a_withdrawal_ends_the_asking(api, complaint):
    factories.make_performed(factories.make_plan(complaint, started_days_ago=30))
    today = clock.today(complaint.clinic.zone).isoformat()
    address = f"{PATIENTS}{complaint.patient_id}/"
    assert api.patch(address, {"withdrawn_on": today}).status_code == 200
    open_ones = f"/api/v1/follow-ups/?patient={complaint.patient_id}&state="
    assert api.get(open_ones + "planned").json()["count"] == 0


def test_search_finds_beginnings_of_names_without_accents(api, clinic):
    factories.make_patient(clinic, given_name="Lucía", family_name="Ibáñez")
    factories.make_patient(clinic, given_name="Ada", family_name="Quill")
    found = api.get(PATIENTS, {"q": "iban luc"}).json()["results"]
    assert [row["family_name"] for row in found] == ["Ibáñez"]


def test_patients_come_in_the_order_asked_for(api, clinic):
    for year in (1950, 1970, 1960):
        factories.make_patient(clinic, birth_date=date(year, 1, 1))
    rows = api.get(PATIENTS, {"ordering": "-birth_date"}).json()["results"]
    assert [row["birth_date"][:4] for row in rows] == ["1970", "1960", "1950"]
    assert list(api.get(PATIENTS, {"ordering": "zone"}).json()) == ["ordering"]


def test_a_complaint_keeps_site_and_source_apart(api, foot):
    reply = api.post(COMPLAINTS, {**foot, "suspected_source": "root_l5"})
    assert reply.status_code == 201
    assert reply.json()["site"] == "left foot"
    assert [s["source"] for s in reply.json()["sources"]] == ["root_l5"]
    assert "suspected_source" not in reply.json()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"side": "none"}, "side"),
        ({"pain_site": "tail"}, "pain_site"),
        ({"onset_on": "2999-01-01"}, "onset_on"),
        ({"opened_on": "0001-01-01"}, "opened_on"),
        ({"suspected_source": "L9"}, "suspected_source"),
        ({"patient": "not-an-id"}, "patient"),
        ({"patient": 7}, "patient"),
        ({"patient": None}, "patient"),
    ],
)
def test_a_complaint_that_makes_no_sense_is_refused(api, foot, change, field):
    reply = api.post(COMPLAINTS, {**foot, **change})
    assert reply.status_code == 400
    assert list(reply.json()) == [field]
    assert not Complaint.objects.exists()


def test_only_who_may_diagnose_names_a_source_while_opening(assistant, foot):
    api = with_token(assistant)
    named = api.post(COMPLAINTS, {**foot, "suspected_source": "root_l5"})
    assert named.status_code == 403
    assert not Complaint.objects.exists()
    assert api.post(COMPLAINTS, foot).status_code == 201


def test_naming_a_source_again_supersedes_the_earlier_entry(api, complaint, physician):
    address = f"{COMPLAINTS}{complaint.pk}/sources/"
    for certainty in ("suspected", "confirmed"):
        reply = api.post(address, {"source": "root_l5", "certainty": certainty})
        assert reply.status_code == 201
    newest = SourceHypothesis.objects.get(superseded_on=None)
    assert (newest.certainty, newest.stated_by) == ("confirmed", physician)
    assert len(reply.json()["sources"]) == 2


def test_a_diagnosis_keeps_the_wording_of_its_code(api, complaint):
    body = {"complaint": str(complaint.pk), "code": "m54.16", "role": "source"}
    reply = api.post(DIAGNOSES, body)
    assert reply.status_code == 201
    assert reply.json()["code"] == "M54.16"
    assert "lumbar" in reply.json()["title"]


@pytest.mark.parametrize("code", ["M54", "G57.5", "Z99.99XYZ", "", "M54.16; --"])
def test_a_code_that_cannot_be_used_is_refused(api, complaint, code):
    reply = api.post(DIAGNOSES, {"complaint": str(complaint.pk), "code": code})
    assert reply.status_code == 400
    assert list(reply.json()) == ["code"]
    assert not Diagnosis.objects.exists()


def test_diagnoses_are_found_by_patient_and_beginning_of_code(api, complaint):
    for code in ("M54.16", "M72.2"):
        api.post(DIAGNOSES, {"complaint": str(complaint.pk), "code": code})
    asked = {"patient": str(complaint.patient_id), "code": "m54"}
    found = api.get(DIAGNOSES, asked).json()["results"]
    assert [row["code"] for row in found] == ["M54.16"]


def test_complaints_are_found_by_day_and_whether_closed(api, complaint):
    day = complaint.opened_on
    asked = {"opened_from": day, "opened_until": day, "is_closed": "false"}
    assert api.get(COMPLAINTS, asked).json()["count"] == 1
    asked["opened_from"] = day + timedelta(days=1)
    assert api.get(COMPLAINTS, asked).json()["count"] == 0
    assert api.get(COMPLAINTS, {"is_closed": "true"}).json()["count"] == 0


@pytest.mark.parametrize("address", [PATIENTS, COMPLAINTS, DIAGNOSES])
def test_a_longer_list_takes_no_more_queries(
    api, clinic, address, django_assert_max_num_queries
):
    for number in range(8):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        api.post(f"{COMPLAINTS}{complaint.pk}/sources/", {"source": "root_l5"})
        api.post(DIAGNOSES, {"complaint": str(complaint.pk), "code": "M54.16"})
        if number in (0, 7):
            # Token, membership, count, rows, two prefetches, and the audit's four.
            with django_assert_max_num_queries(11):
                assert len(api.get(address).json()["results"]) == number + 1
