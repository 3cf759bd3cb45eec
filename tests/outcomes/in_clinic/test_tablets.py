"""A tablet of the clinic: set up once, handed a survey, and nothing stays on it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.in_clinic import codes, tablets
from outcomes.models import DeskCode, Response, SurveyRequest, Tablet
from tests import factories
from tests.outcomes.in_clinic.conftest import set_up
from tests.outcomes.survey.conftest import BIRTH_DATE, WRONG_DATE, ask, fields, fill

WAIT = "Please wait a moment"
BORN = "What is your date of birth?"


def body(response) -> str:
    return response.content.decode()


def hand(desk: Client, survey, device) -> None:
    path = reverse("outcomes:answer_here", args=[survey.request.patient_id])
    reply = desk.post(path, {"way": "tablet", "tablet": device.tablet.pk})
    assert reply.status_code == 302, body(reply)


def begin(desk, survey, device) -> Client:
    hand(desk, survey, device)
    reply = device.client.post("/tablet/", BIRTH_DATE)
    assert reply.url == "/survey/"
    return device.client


def answer_all(client: Client, survey) -> str:
    return fill(client, survey, "4", "2", "3", "2")


def test_a_code_makes_a_browser_a_tablet_once(clinic, admin, signed_in):
    reply = signed_in.post("/tablets/", {"name": "Window", "location": ""})
    (code,) = re.findall(r'handout__code">([A-Z2-9-]+)<', body(reply))
    assert "<svg" in body(reply) and reply["Cache-Control"] == "no-store"
    tablet = Tablet.objects.get(name="Window")
    assert codes.typed(code) not in str(vars(tablet))
    first, second = Client(), Client()
    # Whatever looks at the address of the QR code changes nothing.
    assert code in body(first.get(f"/tablet/new/{code}/"))
    assert first.post("/tablet/new/", {"code": code.lower()}).url == "/tablet/"
    assert WAIT in body(first.get("/tablet/"))
    assert "This code does not work" in body(
        second.post("/tablet/new/", {"code": code})
    )
    assert second.cookies == {}
    assert Tablet.objects.get(pk=tablet.pk).enrolled_at is not None
    actions = AuditEvent.objects.filter(about_id=str(tablet.pk))
    assert {e.action for e in actions} == {"tablet.added", "tablet.enrolled"}


def test_a_code_is_good_for_minutes(clinic, admin):
    with time_machine.travel(clock.now() - timedelta(minutes=11), tick=False):
        _, code = tablets.add(clinic, name="Window", by=admin)
    assert tablets.enrol(code) is None


def test_the_cookie_is_its_own_and_bound_to_the_host(clinic, admin):
    with override_settings(IS_HTTPS=True):
        _, code = tablets.add(clinic, name="Window", by=admin)
        reply = Client().post("/tablet/new/", {"code": code}, secure=True)
    cookie = reply.cookies["__Host-tablet"]
    assert cookie["httponly"] and cookie["secure"] and cookie["path"] == "/"
    assert not cookie["domain"]
    stored = Tablet.objects.get(clinic=clinic).device_sha256
    assert stored and stored not in cookie.value


def test_enrolling_signs_staff_out(clinic, admin, signed_in):
    _, code = tablets.add(clinic, name="Window", by=admin)
    signed_in.post("/tablet/new/", {"code": code})
    assert signed_in.get("/").url.startswith("/sign-in/")


def test_a_tablet_shows_no_page_of_staff(device):
    for path in ("/", "/patients/", "/tablets/", "/api/v1/patients/"):
        assert device.client.get(path).status_code in (302, 401, 403)


def test_a_tablet_that_waits_asks_again_by_itself(device):
    page = device.client.get("/tablet/")
    assert WAIT in body(page) and "Espere un momento" in body(page)
    assert page["Refresh"] == "5;url=/tablet/"
    assert page["Cache-Control"] == "no-store"
    assert "<script" not in body(page)


def test_a_survey_that_is_handed_over_asks_for_the_date_of_birth(desk, survey, device):
    hand(desk, survey, device)
    page = device.client.get("/tablet/")
    patient = survey.request.person
    assert BORN in body(page)
    assert patient.family_name not in body(page)
    wrong = device.client.post("/tablet/", WRONG_DATE)
    assert "This is not the date of birth we have" in body(wrong)
    assert survey.reload().birth_date_tries == 1
    assert AuditEvent.objects.filter(action="survey.handed_to_tablet").exists()


def test_answers_on_a_tablet_count_as_given_in_the_clinic(desk, survey, device):
    client = begin(desk, survey, device)
    page = client.get("/survey/", follow=True)
    assert page["Refresh"] == "300;url=/tablet/"
    assert answer_all(client, survey) == "/tablet/thanks/en/"
    response = Response.objects.get(state="sealed")
    assert response.provenance == "kiosk"
    assert survey.reload().state == "completed"


def test_nothing_of_the_patient_stays_on_the_tablet(desk, survey, device):
    client = begin(desk, survey, device)
    answer_all(client, survey)
    thanks = client.get("/tablet/thanks/en/")
    assert thanks["Refresh"] == "20;url=/tablet/"
    assert thanks["Clear-Site-Data"] == '"cache", "storage"'
    assert 'href="/tablet/"' in body(thanks)
    assert set(client.cookies) - {"tablet"} <= {
        name for name, held in client.cookies.items() if not held.value
    }
    assert WAIT in body(client.get("/tablet/"))
    # The Back button, and what somebody remembers of the address.
    for path in ("/survey/", "/survey/1/"):
        assert client.get(path).status_code == 403
    assert client.get(survey.path).url == "/tablet/"


def test_a_tablet_left_alone_goes_back_to_waiting(desk, survey, device):
    client = begin(desk, survey, device)
    client.post("/survey/1/", fields(survey, 1, "4"))
    # What the browser does by itself after five minutes.
    page = client.get("/tablet/")
    assert WAIT in body(page)
    assert client.get("/survey/2/").status_code == 403
    # The answer is kept, and the survey can be opened on it again.
    assert Response.objects.get(state="open").answers.count() == 1
    hand(desk, survey, device)
    assert client.post("/tablet/", BIRTH_DATE).url == "/survey/"


def test_what_nobody_takes_up_goes_away(desk, survey, device):
    hand(desk, survey, device)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert WAIT in body(device.client.get("/tablet/"))
        reply = device.client.post("/tablet/", BIRTH_DATE)
    assert "survey" not in reply.cookies


def test_staff_and_the_next_patient_take_it_off(desk, survey, device, clinic):
    client = begin(desk, survey, device)
    take_off = reverse("outcomes:tablet_take_off", args=[device.tablet.pk])
    desk.post(take_off, {"patient": survey.request.patient_id})
    assert client.get("/survey/1/").url == "/tablet/"
    other = ask(factories.make_complaint(factories.make_patient(clinic)))
    hand(desk, other, device)
    assert BORN in body(client.get("/tablet/"))
    client.post("/tablet/leave/")
    assert WAIT in body(client.get("/tablet/"))
    assert device.reload().request is None


def test_an_ended_tablet_is_none_at_once(desk, survey, device, admin):
    client = begin(desk, survey, device)
    tablets.revoke(device.tablet, by=admin)
    assert client.get("/survey/1/").url == "/tablet/"
    page = client.get("/tablet/")
    assert "Set up this tablet" in body(page)
    assert AuditEvent.objects.filter(action="tablet.revoked").exists()
    with pytest.raises(Exception, match="not in use"):
        tablets.hand(device.tablet, survey.request, by=admin)


def test_a_forged_cookie_is_no_tablet(device, clinic):
    client = Client()
    client.cookies["tablet"] = device.client.cookies["tablet"].value[:-2] + "xx"
    assert "Set up this tablet" in body(client.get("/tablet/"))


def test_a_tablet_of_another_clinic_gets_nothing(survey, other_clinic, outsider, clerk):
    elsewhere = set_up(other_clinic, outsider)
    with pytest.raises(Exception, match="not in use"):
        tablets.hand(elsewhere.tablet, survey.request, by=clerk)


def test_it_is_seen_once_a_minute(device):
    Tablet.objects.update(seen_at=None)
    device.client.get("/tablet/")
    first = device.reload().seen_at
    device.client.get("/tablet/")
    assert first is not None and device.reload().seen_at == first


def give_code(desk, survey) -> str:
    path = reverse("outcomes:answer_here", args=[survey.request.patient_id])
    (code,) = re.findall(r"\d{3} \d{3}", body(desk.post(path, {"way": "code"})))
    return code


def test_a_patient_types_the_code_of_the_front_desk(desk, survey, device):
    code = give_code(desk, survey)
    assert DeskCode.objects.get().code_hmac not in code
    reply = device.client.post("/tablet/code/", {"code": code})
    assert reply.url == "/tablet/"
    assert BORN in body(device.client.get("/tablet/"))
    again = device.client.post("/tablet/code/", {"code": code})
    assert "This code does not work" in body(again)


def test_a_newer_code_ends_the_one_before(desk, survey, device):
    first, second = give_code(desk, survey), give_code(desk, survey)
    assert first == second or tablets.redeem(device.tablet, first) == "code_wrong"
    assert tablets.redeem(device.reload(), second) == ""


def test_codes_are_not_guessed(desk, survey, device):
    code = give_code(desk, survey)
    wrong = "000000" if codes.typed(code) != "000000" else "111111"
    for _ in range(tablets.MISSES):
        device.client.post("/tablet/code/", {"code": wrong})
    page = device.client.post("/tablet/code/", {"code": code})
    assert "Too many codes" in body(page)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=5)):
        assert device.client.post("/tablet/code/", {"code": code}).status_code == 302


@pytest.mark.parametrize("typed", ["", "12", "12345678901234", "abc def", "१२३४५६"])
def test_what_is_no_code_costs_no_try(device, typed):
    page = device.client.post("/tablet/code/", {"code": typed})
    assert "Please type the 6 numbers" in body(page)
    assert device.reload().misses == 0


def test_a_form_of_another_site_changes_nothing(desk, survey, device):
    hand(desk, survey, device)
    away = {"headers": {"sec-fetch-site": "cross-site"}}
    device.client.post("/tablet/leave/", **away)
    assert device.reload().request == survey.request
    device.client.post("/tablet/", BIRTH_DATE, **away)
    assert device.reload().begun_at is None
    assert SurveyRequest.objects.get(pk=survey.request.pk).birth_date_tries == 0
