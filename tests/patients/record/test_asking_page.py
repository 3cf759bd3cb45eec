from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from patients.record import holds, leaving
from tests import factories


@pytest.fixture
def today(patient):
    return clock.today(patient.time_zone)


@pytest.fixture
def address(patient):
    return f"/patients/{patient.pk}/asking/"


@pytest.fixture
def home(patient):
    return f"/patients/{patient.pk}/"


def as_user(client, user):
    client.force_login(user)
    return client


def test_a_hold_shows_as_a_banner_with_the_way_to_end_it(
    signed_in, address, home, patient, today
):
    until = today + timedelta(days=9)
    body = {"act": "hold", "hold_until": until.isoformat(), "hold_reason": "travels"}
    assertRedirects(signed_in.post(address, body), home)
    shown = signed_in.get(home)
    assertContains(shown, f"On hold until {clock.in_words(until)}.")
    assertContains(shown, "End the hold now")
    assertContains(signed_in.get("/patients/"), "on hold")
    assertRedirects(signed_in.post(address, {"act": "release_hold"}), home)
    assertNotContains(signed_in.get(home), "On hold until")


def test_a_death_is_confirmed_and_taken_back_by_a_clinician(
    client, clerk, physician, address, home
):
    desk = as_user(client, clerk)
    assertRedirects(desk.post(address, {"act": "record_death"}), home)
    assertContains(desk.get(home), "Not confirmed yet.")
    assertNotContains(desk.get(home), "Confirm the death")
    for act in ("confirm_death", "reverse_death"):
        assert desk.post(address, {"act": act, "reason": "slip"}).status_code == 403
    doctor = as_user(client, physician)
    assertContains(doctor.get(home), "Confirm the death")
    assertRedirects(doctor.post(address, {"act": "confirm_death"}), home)
    assertContains(doctor.get(home), f"Confirmed by {physician.name}.")
    assertRedirects(
        doctor.post(address, {"act": "reverse_death", "reason": "slip"}), home
    )
    assert Patient.objects.get().deceased_on is None


def test_taking_a_withdrawal_back_says_what_is_planned_again(
    signed_in, address, home, complaint
):
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    assertRedirects(
        signed_in.post(address, {"act": "withdraw", "reason": "asked"}), home
    )
    assertContains(signed_in.get(home), "Withdrew from follow-up on")
    shown = signed_in.get(address)
    assertContains(shown, "13 follow-ups planned again")
    assertContains(shown, "still open or to come are planned again")
    body = {"act": "take_back_withdrawal", "reason": "changed_mind"}
    assertRedirects(signed_in.post(address, body), home)
    assert Patient.objects.get().is_in_follow_up


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"act": "hold", "hold_until": "2001-01-01"}, "This field is required"),
        (
            {"act": "hold", "hold_until": "2001-01-01", "hold_reason": "x"},
            "give the last day of the hold, today or later",
        ),
        ({"act": "release_hold"}, "not on hold"),
        ({"act": "withdraw", "reason": ""}, "This field is required"),
        ({"act": "withdraw", "reason": "nothing"}, "Select a valid choice"),
        (
            {"act": "withdraw", "reason": "asked", "withdrawn_on": "2999-01-01"},
            "is in the future",
        ),
        ({"act": "take_back_withdrawal", "reason": "slip"}, "nothing to take back"),
        ({"act": "record_death", "deceased_on": "1901-01-01"}, "before the patient"),
        ({"act": "confirm_death"}, "No death is recorded"),
        ({"act": "reverse_death", "reason": "slip"}, "nothing to take back"),
    ],
)
def test_a_slip_says_what_to_do_and_changes_nothing(signed_in, address, body, words):
    before = Patient.objects.values().get()
    assertContains(signed_in.post(address, body), words)
    assert Patient.objects.values().get() == before


def test_a_hold_on_somebody_dead_is_refused(signed_in, address, patient, today):
    leaving.record_death(patient, by=audit.SYSTEM)
    body = {"act": "hold", "hold_until": today.isoformat(), "hold_reason": "x"}
    assertContains(signed_in.post(address, body), "The patient has died")


def test_an_act_that_does_not_exist_is_not_found(signed_in, address):
    assert signed_in.post(address, {"act": "delete"}).status_code == 404
    assert signed_in.post(address).status_code == 404


def test_reading_the_page_changes_nothing(signed_in, address, patient, today):
    holds.hold(patient, by=audit.SYSTEM, hold_until=today, hold_reason="x")
    before = Patient.objects.values().get()
    signed_in.get(address, {"act": "release_hold"})
    assert Patient.objects.values().get() == before
    assert AuditEvent.objects.filter(action="patient.read").count() == 1
