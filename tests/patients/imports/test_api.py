"""Imports of patients over the API, from the file to what was refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic import access
from clinic.models import AuditEvent
from patients.models import Patient, PatientImport
from patients.record.imports import content, files, runs, work
from tests import factories
from tests.api_client import with_token
from tests.patients.imports.running import (
    HEADER,
    LIST,
    MRN_SYSTEM,
    bring_in,
    bundle,
    fhir_condition,
    fhir_patient,
    mapping_of,
    receive,
)

pytestmark = pytest.mark.django_db
IMPORTS = "/api/v1/imports/"
SPANISH = "Nr;Quién;Nacido;S\nA1;Delgado, Rosa;14.03.1957;2\n"
CHOICES = {
    "columns": {
        "mrn": "Nr",
        "whole_name": "Quién",
        "birth_date": "Nacido",
        "sex": "S",
    },
    "day_format": "DD.MM.YYYY",
    "words": {"sex": {"2": "female"}},
}


@pytest.fixture
def api(admin):
    return with_token(admin)


@pytest.fixture
def run(clinic, admin):
    return receive(clinic, LIST, by=admin)


def upload(client, text, name="list.csv"):
    held = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile(name, held)
    return client.post(IMPORTS, {"file": file}, format="multipart")


def at(run, act=""):
    return f"{IMPORTS}{run.pk}/{act}"


def test_a_file_is_handed_in_started_and_worked_off(api, admin):
    made = upload(api, LIST)
    assert made.status_code == 201, made.content
    held = made.json()
    assert (held["kind"], held["total"], held["state"]) == ("csv", 3, "uploaded")
    assert held["header"] == HEADER.strip().split(",")
    assert held["mapping"]["columns"]["birth_date"] == "Date of birth"
    assert not Patient.objects.exists()
    run = PatientImport.objects.get()
    assert run.started_by == admin
    started = api.post(at(run, "start/"), {})
    assert (started.status_code, started.json()["state"]) == (200, "queued")
    assert not Patient.objects.exists()
    work.work_off(run.pk)
    told = api.get(at(run)).json()
    assert (told["state"], told["percent"]) == ("finished", 100)
    assert told["counts"] == {"patients": {"new": 3}}
    assert Patient.objects.count() == 3


def test_what_cannot_be_guessed_is_said(api):
    upload(api, SPANISH)
    run = PatientImport.objects.get()
    missing = api.post(at(run, "start/"), {}).json()
    assert set(missing) == {"mrn", "family_name", "birth_date"}
    assert api.post(at(run, "start/"), CHOICES).status_code == 200
    work.work_off(run.pk)
    rosa = Patient.objects.get()
    assert (str(rosa), rosa.sex, rosa.birth_date.year) == (
        "Rosa Delgado",
        "female",
        1957,
    )


def test_a_preview_shows_the_rows_and_keeps_nothing(api, clinic, admin):
    known = factories.make_patient(clinic, mrn="A1", given_name="Ada")
    run = receive(clinic, LIST + "A4,Rosa,Delgado,x,F,,,en\n", by=admin)
    events = AuditEvent.objects.count()
    told = api.post(at(run, "preview/"), {"without_mrn": "number"}).json()
    assert [line["outcome"] for line in told["lines"]][1:] == ["new", "new", "refused"]
    assert "is not a day" in told["lines"][3]["problems"][0]
    (wrong,) = [cell for cell in told["lines"][3]["cells"] if cell["is_wrong"]]
    assert wrong == {"label": "Birth date", "text": "x", "is_wrong": True}
    assert told["mapping"]["without_mrn"] == "number"
    assert told["mapping"]["words"]["sex"]["f"] == "female"
    assert told["missing"] == []
    run.refresh_from_db()
    assert (run.state, run.mapping["without_mrn"]) == ("uploaded", "refuse")
    assert Patient.objects.count() == 1
    event = AuditEvent.objects.get(action="patient_import.previewed")
    assert [s.patient_id for s in event.subjects.all()] == [known.pk]
    assert AuditEvent.objects.count() == events + 1


def test_words_mean_what_the_page_would_offer(api, clinic, admin):
    rows = "A1,R,Uno,1961-07-02,M,,,en\nA2,R,Dos,1961-07-03,H,,,en\n"
    run = receive(clinic, HEADER + rows, by=admin)
    preview = api.post(at(run, "preview/"), {}).json()
    assert preview["mapping"]["words"]["sex"] == {"m": "female", "h": "male"}
    other = api.post(at(run, "preview/"), {"words": {"sex": {"M": "male"}}}).json()
    assert other["mapping"]["words"]["sex"] == {"m": "male", "h": "male"}


def test_a_preview_says_what_is_missing(api, run):
    told = api.post(at(run, "preview/"), {"columns": {"mrn": "MRN"}}).json()
    assert told["missing"] == ["family_name", "birth_date"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"columns": {"mrn": "Nowhere"}}, "mrn"),
        ({"columns": {"mnr": "MRN"}}, "mnr"),
        ({"columns": {"mrn": "MRN", "phone": "MRN"}}, "phone"),
        ({"columns": "MRN"}, "columns"),
        ({"day_format": "soon"}, "day_format"),
        ({"without_mrn": "guess"}, "without_mrn"),
        ({"registers_twins": "perhaps"}, "registers_twins"),
        ({"words": {"sex": {"2": "f"}}}, "sex"),
        ({"words": {"mrn": {"2": "f"}}}, "mrn"),
        ({"words": {"sex": "f"}}, "words"),
        ({"mrn_system": "x"}, "mrn_system"),
        ({"colums": {}}, "colums"),
        ({"columns": {"mrn": "MRN"}}, "family_name"),
    ],
)
def test_a_wrong_choice_is_named_and_nothing_starts(api, run, asked, field):
    reply = api.post(at(run, "start/"), asked)
    assert reply.status_code == 400
    assert field in reply.json()
    run.refresh_from_db()
    assert run.state == "uploaded"


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"", "The submitted file is empty"),
        (b"MRN\nJos\xe9\n", "Line 2 is not UTF-8"),
        (HEADER.encode(), "no patients"),
        (b"{broken", "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(api, held, said):
    reply = upload(api, held)
    assert (reply.status_code, list(reply.json())) == (400, ["file"])
    assert said in reply.json()["file"][0]
    assert not PatientImport.objects.exists()
    assert not list(files.folder().glob("upload-*"))


def test_an_upload_takes_a_file_and_nothing_else(api):
    assert list(api.post(IMPORTS, {}, format="multipart").json()) == ["file"]
    more = {"file": SimpleUploadedFile("l.csv", LIST.encode()), "clinic": "x"}
    assert list(api.post(IMPORTS, more, format="multipart").json()) == ["clinic"]
    assert api.post(IMPORTS, {"file": "x"}).status_code == 415
    assert not PatientImport.objects.exists()


def test_an_upload_ends_at_the_limit(api, monkeypatch):
    monkeypatch.setattr(content, "LARGEST", 1024 * 1024)
    reply = upload(api, b"x" * (1024 * 1024 + 1))
    assert reply.status_code == 413
    assert "larger than 1 MB" in reply.json()["detail"]
    assert not list(files.folder().glob("upload-*"))


def test_a_browser_hands_in_with_its_token_only(admin):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin)
    reply = browser.post(IMPORTS, {"file": SimpleUploadedFile("l.csv", LIST.encode())})
    assert reply.status_code == 403
    assert not PatientImport.objects.exists()


def test_refused_rows_are_read_a_page_at_a_time(api, clinic, admin):
    twin = factories.make_patient(
        clinic, mrn="B9", given_name="Rosa", family_name="Delgado"
    )
    same = f"A5,Rosa,Delgado,{twin.birth_date},F,,,en\n"
    run = bring_in(clinic, HEADER + "A4,Ida,Moss,x,F,,,en\n" + same, by=admin)
    told = api.get(at(run, "refused/"), {"page_size": 1}).json()
    assert told["count"] == 2
    (row,) = told["results"]
    assert (row["number"], row["cells"][0], row["resource"]) == (2, "A4", "")
    assert row["problems"][0]["field"] == "birth_date"
    assert "is not a day" in row["problems"][0]["problem"]
    api.get(at(run, "refused/"), {"page_size": 1, "page": 2})
    shown = AuditEvent.objects.filter(action="patient_import.refused_rows_taken")
    assert [[s.patient_id for s in e.subjects.all()] for e in shown.order_by("id")] == [
        [],
        [twin.pk],
    ]
    assert api.get(at(run, "refused/"), {"number": 2}).status_code == 400


def test_an_import_is_stopped_once(api, run):
    reply = api.post(at(run, "stop/"), {})
    assert (reply.status_code, reply.json()["state"]) == (200, "stopped")
    assert not Patient.objects.exists()
    assert api.post(at(run, "stop/"), {}).status_code == 400
    assert api.post(at(run, "stop/"), {"why": "x"}).status_code == 400


@pytest.mark.parametrize("act", ["start/", "preview/"])
def test_what_was_started_is_not_started_again(api, run, admin, act):
    runs.confirm(run, by=admin, chosen=mapping_of(run))
    reply = api.post(at(run, act), {})
    assert reply.status_code == 400
    assert "has been confirmed before" in reply.json()["detail"]


@pytest.mark.parametrize("act", ["start/", "preview/"])
def test_a_file_that_is_gone_is_said_to_be(api, run, act):
    files.discard(run)
    reply = api.post(at(run, act), {})
    assert reply.status_code == 400
    assert "no longer here" in reply.json()["detail"]


def test_fhir_is_told_by_its_content_and_asks_for_the_system(api, clinic):
    made = upload(api, bundle(fhir_patient(), fhir_condition())).json()
    assert (made["kind"], made["types"]) == ("fhir", {"Patient": 1, "Condition": 1})
    assert made["systems"] == {MRN_SYSTEM: 1}
    run = PatientImport.objects.get()
    assert "`types`" in api.post(at(run, "preview/"), {}).json()["detail"]
    for wrong in ({"mrn_system": "x"}, {"columns": {"mrn": "MRN"}}):
        assert list(api.post(at(run, "start/"), wrong).json()) == list(wrong)
    chosen = {"mrn_system": MRN_SYSTEM, "without_mrn": "number"}
    assert api.post(at(run, "start/"), chosen).status_code == 200
    work.work_off(run.pk)
    told = api.get(at(run)).json()
    assert told["counts"] == {"patients": {"new": 1}, "diagnoses": {"new": 1}}
    assert told["mapping"]["mrn_system"] == MRN_SYSTEM


def test_reading_an_import_is_on_record(api, run, admin):
    api.get(at(run))
    event = AuditEvent.objects.get(action="patient_import.read")
    assert (event.actor, event.about_id) == (admin, str(run.pk))


def test_imports_are_found_by_state_and_kind(api, clinic, admin, run):
    fhir = receive(clinic, bundle(fhir_patient()), by=admin)
    for asked, found in (
        ({"kind": "csv"}, [run]),
        ({"state": "uploaded", "ordering": "created_at"}, [run, fhir]),
        ({"state": "finished"}, []),
    ):
        rows = api.get(IMPORTS, asked).json()["results"]
        assert [row["id"] for row in rows] == [str(each.pk) for each in found]


def test_a_longer_list_takes_no_more_queries(
    api, clinic, django_assert_max_num_queries
):
    for number in (1, 4):
        for _ in range(number):
            bring_in(clinic, LIST, by=factories.make_user(clinic))
        # Token, membership, the count and the rows.
        with django_assert_max_num_queries(5):
            assert api.get(IMPORTS).json()["count"] >= number


def test_who_may_not_import_finds_no_import(clinic, outsider, run):
    provider = factories.make_user(clinic, access.Role.PROVIDER)
    assert with_token(provider).get(IMPORTS).status_code == 403
    assert upload(with_token(provider), LIST).status_code == 403
    assert with_token(outsider).get(IMPORTS).json()["count"] == 0
    for user in (provider, outsider):
        for act in ("", "refused/"):
            assert with_token(user).get(at(run, act)).status_code == 404
        for act in ("start/", "stop/", "preview/"):
            assert with_token(user).post(at(run, act), {}).status_code == 404
    assert PatientImport.objects.get().state == "uploaded"
