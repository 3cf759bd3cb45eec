"""What holds for the API as a whole: who gets in, what is refused, how it is told."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from clinic import clock
from clinic.models import ApiToken, AuditEvent
from config.api import router
from patients.models import Patient
from tests import factories
from tests.api_client import with_token

PATIENTS = "/api/v1/patients/"
REGISTRATION = {"family_name": "Quill", "birth_date": "1960-02-29"}


@pytest.fixture
def api(admin):
    return with_token(admin)


@pytest.fixture
def staff_browser(admin):
    """A browser that is signed in and checks CSRF like a real one."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    return client


def test_nobody_gets_in_without_signing_in(client, db):
    reply = client.get(PATIENTS)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == "Token"
    assert list(reply.json()) == ["detail"]


def test_a_signed_in_browser_may_read(staff_browser, patient):
    assert staff_browser.get(PATIENTS).json()["count"] == 1


def test_a_session_works_in_the_clinic_that_was_chosen(
    staff_browser, admin, other_clinic
):
    other = factories.make_patient(other_clinic)
    membership = factories.make_user(other_clinic).membership
    membership.user = admin
    membership.save()
    session = staff_browser.session
    session["clinic"] = str(other_clinic.pk)
    session.save()
    assert [p["id"] for p in staff_browser.get(PATIENTS).json()["results"]] == [
        str(other.pk)
    ]


def test_a_browser_cannot_write_without_the_csrf_token(staff_browser):
    reply = staff_browser.post(PATIENTS, REGISTRATION, content_type="application/json")
    assert reply.status_code == 403
    assert "CSRF" in reply.json()["detail"]
    assert not Patient.objects.exists()


def test_the_docs_page_can_write_for_who_is_signed_in(staff_browser):
    script = staff_browser.get("/api/docs/?script=").content.decode()
    token = re.search(r'X-CSRFTOKEN"\] = "(\w+)"', script)[1]
    reply = staff_browser.post(
        PATIENTS,
        REGISTRATION,
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert reply.status_code == 201


@pytest.mark.parametrize("key", ["", "wrong", "\x00", "é"])
def test_an_unknown_token_is_refused(client, db, key):
    reply = client.get(PATIENTS, headers={"Authorization": f"Token {key}"})
    assert reply.status_code == 401
    assert reply.json() == {"detail": "This token is not valid."}


def test_a_revoked_token_is_refused_at_once(api):
    ApiToken.objects.update(revoked_at=clock.now())
    assert api.get(PATIENTS).status_code == 401


def test_the_token_of_somebody_who_left_is_refused(api, admin):
    admin.is_active = False
    admin.save()
    assert api.get(PATIENTS).status_code == 401


def test_a_token_of_a_former_member_may_nothing(api, admin, patient):
    admin.memberships.all().delete()
    assert api.get(PATIENTS).status_code == 403
    assert api.get(f"{PATIENTS}{patient.pk}/").status_code == 404


def test_an_unknown_field_is_named_and_nothing_is_written(api):
    reply = api.post(PATIENTS, {**REGISTRATION, "famly_name": "Quill"})
    assert reply.status_code == 400
    assert list(reply.json()) == ["famly_name"]
    assert "family_name" in reply.json()["famly_name"][0]
    assert not Patient.objects.exists()


@pytest.mark.parametrize("body", [rb'{"\ud800": 1}', rb'{"family_name": "\udfff"}'])
def test_half_a_character_is_refused(api, body):
    reply = api.generic("POST", PATIENTS, body, "application/json")
    assert reply.status_code == 400
    assert reply.json() == {"detail": "The JSON holds half a character."}


@pytest.mark.parametrize("field", ["id", "clinic", "origin", "age", "created_at"])
def test_what_the_caller_may_not_decide_is_refused(api, field):
    reply = api.post(PATIENTS, {**REGISTRATION, field: "import"})
    assert reply.status_code == 400
    assert list(reply.json()) == [field]


@pytest.mark.parametrize(
    "query",
    ["famly_name=Q", "page_size=0", "page_size=201", "page_size=x", "page=1&x="],
)
def test_a_parameter_that_is_not_understood_is_refused(api, query):
    reply = api.get(f"{PATIENTS}?{query}")
    assert reply.status_code == 400
    assert list(reply.json()) == [query.split("&")[-1].split("=")[0]]


def test_one_row_and_a_write_take_no_parameters(api, patient):
    assert api.get(f"{PATIENTS}{patient.pk}/?q=x").status_code == 400
    assert api.post(f"{PATIENTS}?dry_run=1", REGISTRATION).status_code == 400
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    "body", ["{", "", "[]", '"text"', "null", '{"sex": NaN}', b"\xff", "[" * 99_999]
)
def test_a_body_that_is_no_json_object_is_refused(api, body):
    reply = api.post(PATIENTS, body, content_type="application/json")
    assert reply.status_code == 400
    assert reply.headers["Content-Type"] == "application/json"


def test_a_body_that_is_too_large_is_not_read(api):
    body = json.dumps({**REGISTRATION, "given_name": "x" * 300_000})
    reply = api.post(PATIENTS, body, content_type="application/json")
    assert reply.status_code == 413
    assert "262144" in reply.json()["detail"]


def test_a_form_is_not_taken_for_json(api):
    assert api.post(PATIENTS, "x=1", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("method", ["put", "delete", "options", "trace"])
@pytest.mark.parametrize("address", [PATIENTS, f"{PATIENTS}{{}}/"])
def test_rows_are_neither_replaced_nor_deleted(api, patient, method, address):
    reply = api.generic(method.upper(), address.format(patient.pk))
    assert reply.status_code == 405


@pytest.mark.parametrize("pk", ["1", "x" * 300, "%00", "é", "null"])
def test_an_id_that_is_none_is_not_found(api, pk):
    reply = api.get(f"{PATIENTS}{pk}/")
    assert reply.status_code == 404
    assert list(reply.json()) == ["detail"]


def test_pages_hold_every_row_once(api, clinic):
    made = {str(factories.make_patient(clinic, family_name="Same").pk) for _ in "12345"}
    pages = [api.get(f"{PATIENTS}?page_size=2&page={n}").json() for n in (1, 2, 3)]
    shown = [row["id"] for page in pages for row in page["results"]]
    assert len(shown) == 5
    assert set(shown) == made
    assert api.get(f"{PATIENTS}?page=4&page_size=2").status_code == 404


def test_reading_is_on_record_under_each_patient_shown(api, admin, clinic):
    shown = {factories.make_patient(clinic).pk for _ in "12"}
    api.get(PATIENTS)
    event = AuditEvent.objects.get(action="patients.listed")
    assert event.actor == admin
    assert {subject.patient_id for subject in event.subjects.all()} == shown


def test_reading_one_row_is_on_record(api, admin, patient):
    api.get(f"{PATIENTS}{patient.pk}/")
    event = AuditEvent.objects.get(action="patient.read")
    assert (event.actor, event.about_id) == (admin, str(patient.pk))
    assert [s.patient_id for s in event.subjects.all()] == [patient.pk]


def test_the_committed_document_is_what_the_code_serves(db):
    document = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(document)
    written = Path(settings.BASE_DIR, "docs", "openapi.yaml").read_bytes()
    assert OpenApiYamlRenderer().render(document) == written, (
        "Run: manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_the_document_is_served_as_yaml_and_json(api):
    assert api.get("/api/schema/").content.startswith(b"openapi: 3.")
    reply = api.get("/api/schema/", headers={"Accept": "application/json"})
    assert "/api/v1/patients/" in json.loads(reply.content)["paths"]


def test_the_first_address_leads_to_every_list(api):
    contents = api.get("/api/v1/").json()
    assert {"patients", "plans", "follow-ups", "responses"} <= set(contents)
    # What it compares is for the caller to say.
    assert "measure" in api.get(contents.pop("outcomes/cohort")).json()
    assert "q" in api.get(contents.pop("recall")).json()
    for address in contents.values():
        assert api.get(address).status_code == 200


def test_the_docs_page_needs_nothing_from_elsewhere(signed_in):
    page = signed_in.get("/api/docs/")
    assert page.status_code == 200
    assert b"//" not in page.content.replace(b"<!DOCTYPE", b"")
    assert b"<style" not in page.content
    assert signed_in.get("/api/docs/?script=").headers["Content-Type"] == (
        "application/javascript"
    )


def test_only_the_docs_page_shows_data_images(signed_in):
    docs = signed_in.get("/api/docs/").headers["Content-Security-Policy"]
    other = signed_in.get(PATIENTS).headers["Content-Security-Policy"]
    assert docs.replace("img-src 'self' data:", "img-src 'self'") == other
    assert "unsafe" not in docs


def test_the_docs_page_sends_the_signed_out_to_sign_in(client, db):
    reply = client.get("/api/docs/")
    assert (reply.status_code, reply.url) == (302, "/sign-in/?next=/api/docs/")


def test_the_guide_names_every_list():
    guide = Path(settings.BASE_DIR, "docs", "api.md").read_text()
    addresses = [f"`{prefix}/`" for prefix, _, _ in router.registry]
    assert [address for address in addresses if address not in guide] == []
