"""A survey answered in the clinic: a QR code, this screen, and one begun early."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic import clock
from clinic.models import AuditEvent
from outcomes.follow_ups.engine import due
from outcomes.in_clinic import opening, ways
from outcomes.models import FollowUp, Link, Message, Response, StaffTask, SurveyRequest
from patients.models import Patient
from tests import factories
from tests.outcomes.survey.conftest import BIRTH_DATE, ask, fill

WINDOW = "Nothing can be answered today"


def path(patient) -> str:
    return reverse("outcomes:answer_here", args=[patient.pk])


@pytest.fixture
def early(complaint):
    """Day 25 after an injection: the month's window is open, and not yet due."""
    plan = factories.make_plan(complaint, "prp", started_days_ago=28)
    factories.make_performed(plan, days=25)
    FollowUp.objects.filter(episode__plan=plan).exclude(timepoint_key="m1").update(
        state="expired", next_action_at=None
    )
    row = FollowUp.objects.get(episode__plan=plan, timepoint_key="m1")
    today = clock.today(complaint.patient.time_zone)
    assert row.opens_on <= today < row.due_on and row.state == "planned"
    return row


def test_handing_over_signs_out_and_opens_the_survey(desk, survey):
    patient = survey.request.patient
    assertContains(desk.get(path(patient)), "You are signed out here")
    reply = desk.post(path(patient), {"way": "screen"})
    assert reply.url.startswith("/s/")
    assert desk.get("/").url.startswith("/sign-in/")
    link = survey.request.links.get(kind="screen")
    assert link.expires_at <= clock.now() + timedelta(hours=1)
    assert desk.post(reply.url, BIRTH_DATE).url == "/survey/"
    assert Response.objects.get(state="open").provenance == "kiosk"
    assert fill(desk, survey, "4", "2", "3", "2").startswith("/survey/thank-you/")
    # Whoever sits down next finds no page of the patient's own.
    assert not desk.cookies["own_page"].value
    assert not desk.cookies["shared"].value


@pytest.mark.parametrize(
    ("change", "said"),
    [({"state": "closed"}, WINDOW), ({"birth_date_tries": 5}, "locked after five")],
)
def test_what_cannot_be_answered_is_not_handed_over(desk, survey, change, said):
    SurveyRequest.objects.filter(pk=survey.request.pk).update(**change)
    for way in ("screen", "qr", "code", "tablet"):
        assertContains(desk.post(path(survey.request.patient), {"way": way}), said)
    assert not survey.request.links.exclude(kind="message").exists()
    assert desk.get("/").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"withdrawn_on": date(2026, 1, 2)}, "left follow-up"),
        ({"birth_date": None, "origin": "import"}, "no date of birth"),
    ],
)
def test_nobody_is_asked_who_left_or_cannot_be_known(desk, survey, change, said):
    Patient.objects.filter(pk=survey.request.patient_id).update(**change)
    assertContains(desk.post(path(survey.request.patient), {"way": "qr"}), said)
    assert not Link.objects.filter(kind="qr").exists()


def test_a_way_that_is_none_is_named(desk, survey):
    reply = desk.post(path(survey.request.patient), {"way": "pigeon"})
    assertContains(reply, "Choose how the patient is to answer")


def token_of(clerk, patient) -> str:
    return ways.qr_address(patient, by=clerk).rsplit("/", 1)[-1]


def test_a_qr_code_leads_to_the_same_survey_for_an_hour(desk, clerk, survey):
    patient = survey.request.patient
    page = desk.post(path(patient), {"way": "qr"})
    assertContains(page, "<svg")
    assertContains(page, "Point your phone")
    token = token_of(clerk, patient)
    phone = Client()
    assert phone.post(f"/s/{token}", BIRTH_DATE).url == "/survey/"
    # On a phone of their own it is the patient's own answer.
    assert Response.objects.get(state="open").provenance == "patient"
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        late = Client().post(f"/s/{token}", BIRTH_DATE)
    assertContains(late, "This link is not open")
    assert Client().post(survey.path, BIRTH_DATE).url == "/survey/"


def test_a_new_qr_code_takes_the_place_of_the_one_before(clerk, survey):
    patient = survey.request.patient
    first = token_of(clerk, patient)
    answering = Client()
    answering.post(f"/s/{first}", BIRTH_DATE)
    second = token_of(clerk, patient)
    assertContains(Client().post(f"/s/{first}", BIRTH_DATE), "not open")
    assert Client().post(f"/s/{second}", BIRTH_DATE).status_code == 302
    # Whoever came in by it goes on.
    assert answering.get("/survey/1/").status_code == 200
    assert token_of(clerk, patient) != second


def test_a_qr_code_opens_once_and_forgives_a_double_tap(clerk, survey):
    token = token_of(clerk, survey.request.patient)
    phone = Client()
    assert phone.post(f"/s/{token}", BIRTH_DATE).url == "/survey/"
    assert phone.post(f"/s/{token}", BIRTH_DATE).url == "/survey/"
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=False):
        late = Client().post(f"/s/{token}", BIRTH_DATE)
        assert phone.get("/survey/1/").status_code == 200
    assertContains(late, "This link is not open")


def test_an_hour_stays_an_hour_when_the_survey_grows(clerk, survey, clinic):
    token_of(clerk, survey.request.patient)
    before = survey.request.links.get(kind="qr").expires_at
    ask(factories.make_complaint(survey.request.patient, pain_site="knee"))
    assert survey.request.links.get(kind="qr").expires_at == before


def test_the_page_names_what_is_asked_and_no_answer(desk, survey):
    page = desk.get(path(survey.request.patient))
    row = survey.request.follow_ups.get()
    assertContains(page, f"Open now: {row.label}")
    assert AuditEvent.objects.filter(action="survey.hand_over_asked").exists()


def test_what_opens_before_its_day_can_be_answered_here(desk, clerk, early):
    patient = early.patient
    assertContains(desk.get(path(patient)), "Begun before its invitation")
    assert not SurveyRequest.objects.exists()
    invited_at = early.next_action_at
    token = token_of(clerk, patient)
    early.refresh_from_db()
    assert (early.state, early.asked_at) == ("open", invited_at)
    assert early.request.state == "open"
    assert AuditEvent.objects.filter(action="survey.opened_early").exists()
    phone = Client()
    assert phone.post(f"/s/{token}", BIRTH_DATE).url == "/survey/"
    assert not Message.objects.exists()


def test_what_was_begun_early_and_left_is_reminded_of(clerk, early, clinic):
    opening.open_survey(early.patient, by=clerk)
    invited_at = early.next_action_at
    with time_machine.travel(invited_at, tick=False):
        due.advance_due(clinic, clock.now())
    own = StaffTask.objects.filter(follow_up=early)
    assert not Message.objects.exists() and not own.exists()
    for days in range(1, 14):
        with time_machine.travel(invited_at + timedelta(days=days), tick=False):
            due.advance_due(clinic, clock.now())
    # Its ladder from its own day on, down to the last message of three taps.
    assert Message.objects.get().kind == Message.Kind.RESCUE


def test_nothing_is_begun_before_its_window(desk, complaint):
    plan = factories.make_plan(complaint, "prp", started_days_ago=3)
    factories.make_performed(plan, days=1)
    today = clock.today(complaint.patient.time_zone)
    FollowUp.objects.filter(opens_on__lte=today).update(
        state="expired", next_action_at=None
    )
    assertContains(desk.post(path(complaint.patient), {"way": "qr"}), WINDOW)


def test_a_stranger_reads_no_name_in_a_qr_code(clerk, survey):
    address = ways.qr_address(survey.request.patient, by=clerk)
    assert re.fullmatch(r"http://localhost:\d+/s/[\w-]{22}", address)
