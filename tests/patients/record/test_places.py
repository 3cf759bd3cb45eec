"""Where a patient is seen, and where letters go."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic.models import AuditEvent, Location
from patients.models import Patient
from patients.record.views.identity import initial
from tests import factories
from tests.api_client import with_token

pytestmark = pytest.mark.django_db
ADDRESS = "12 Lake St\nApt 4\nChicago, IL 60601"


@pytest.fixture
def north(clinic):
    return Location.objects.create(clinic=clinic, name="North Office")


@pytest.fixture
def elsewhere(other_clinic):
    return Location.objects.create(clinic=other_clinic, name="Far Office")


def edit(patient):
    return reverse("patients:edit", args=[patient.pk])


def form(patient, **changes):
    """The edit form as a browser sends it: each field with what was shown of it."""
    shown = {name: value or "" for name, value in initial(patient).items()}
    if patient.location:
        shown["location"] = patient.location.pk
    hidden = {f"initial-{name}": value for name, value in shown.items()}
    kept = {name: value for name, value in shown.items() if value is not False}
    return {**hidden, **kept, **changes}


def test_place_and_address_are_kept_and_shown(signed_in, patient, north):
    sent = form(patient, location=north.pk, postal_address=ADDRESS)
    signed_in.post(edit(patient), sent)
    patient.refresh_from_db()
    assert patient.location == north
    assert patient.postal_address.splitlines() == ADDRESS.splitlines()
    page = signed_in.get(reverse("outcomes:patient", args=[patient.pk]))
    assertContains(page, "North Office")
    assertContains(page, "12 Lake St<br>")


def test_a_change_is_on_record_without_the_address(signed_in, patient):
    signed_in.post(edit(patient), form(patient, postal_address=ADDRESS))
    event = AuditEvent.objects.get(action="patient.updated")
    assert event.facts["changed"] == ["postal_address"]
    assert "Lake" not in str(event.facts)


def test_a_place_is_taken_away_again(signed_in, patient, north):
    Patient.objects.filter(pk=patient.pk).update(location=north)
    patient.refresh_from_db()
    signed_in.post(edit(patient), form(patient, location=""))
    patient.refresh_from_db()
    assert patient.location is None


def test_a_new_patient_may_have_both(signed_in, north):
    sent = {
        "family_name": "Quill",
        "birth_date": "1960-02-29",
        "sex": "female",
        "language": "en",
        "payer_class": "unknown",
        "preferred_channel": "letter",
        "caregiver_relationship": "other",
        "location": north.pk,
        "postal_address": ADDRESS,
    }
    signed_in.post(reverse("patients:register"), sent)
    made = Patient.objects.get(family_name="Quill")
    assert (made.location, made.postal_address[:10]) == (north, "12 Lake St")


def test_without_places_none_is_offered(signed_in, patient, elsewhere):
    assertNotContains(signed_in.get(edit(patient)), "Seen at")


def test_another_clinics_place_is_neither_offered_nor_taken(
    signed_in, patient, north, elsewhere
):
    page = signed_in.get(edit(patient))
    assertContains(page, "North Office")
    assertNotContains(page, "Far Office")
    reply = signed_in.post(edit(patient), form(patient, location=elsewhere.pk))
    assertContains(reply, "Select a valid choice")
    patient.refresh_from_db()
    assert patient.location is None


def test_both_are_read_and_written_over_the_api(clerk, clinic, north, elsewhere):
    api = with_token(clerk)
    patient = factories.make_patient(clinic)
    address = f"/api/v1/patients/{patient.pk}/"
    body = {"location": str(north.pk), "postal_address": ADDRESS}
    found = api.patch(address, body).json()
    assert (found["location"], found["postal_address"]) == (str(north.pk), ADDRESS)
    refused = api.patch(address, {"location": str(elsewhere.pk)})
    assert (refused.status_code, list(refused.json())) == (400, ["location"])
