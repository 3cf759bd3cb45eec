"""Who gets to the page, for how long, and what ends it at once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from clinic import audit, clock
from outcomes.follow_ups.channels import tokens
from outcomes.models import SurveyRequest
from outcomes.survey import session
from patients.record import leaving
from tests import answering
from tests.factories import make_complaint, make_patient
from tests.outcomes.own_page.conftest import OWN, answered, body
from tests.outcomes.survey.conftest import BIRTH_DATE, ask, enter, fields, fill

pytestmark = pytest.mark.django_db


def test_whoever_answers_gets_on_to_their_own_page(phone):
    assert phone.cookies[OWN]["httponly"] and phone.cookies[OWN]["samesite"] == "Lax"
    page = phone.get("/me/")
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_under_https_its_cookie_belongs_to_this_host_alone(survey, settings):
    settings.IS_HTTPS = True
    assert session.cookie_name(session.OWN_PAGE) == "__Host-own_page"


def test_without_an_answer_it_is_closed(survey, client):
    assert client.get("/me/").status_code == 403
    phone = enter(survey)
    assert phone.get("/me/").status_code == 403, "a survey's session reads nothing"


def test_its_session_answers_no_survey(phone, complaint):
    ask(make_complaint(complaint.patient, pain_site="knee", side="right"))
    assert phone.get("/survey/1/").status_code == 403
    moved = phone.cookies[OWN].value
    phone.cookies[session.cookie_name()] = moved
    assert phone.get("/survey/1/").status_code == 403


def test_the_same_link_leads_back_for_thirty_days(survey, phone):
    later = survey.reload().completed_at + timedelta(days=29, hours=23)
    SurveyRequest.objects.update(closes_at=survey.request.completed_at)
    survey.request.links.update(expires_at=survey.request.completed_at)
    with time_machine.travel(later):
        again = enter(survey)
        assert again.get("/me/").status_code == 200
        assert not again.cookies[session.cookie_name()].value
    with time_machine.travel(later + timedelta(hours=1)):
        page = Client().post(survey.path, BIRTH_DATE)
        assert "This link is not open" in body(page)
        assert again.get("/me/").status_code == 403


def test_a_link_of_a_long_window_says_thank_you_after_that_and_no_more(survey, phone):
    survey.request.links.update(expires_at=clock.now() + timedelta(days=90))
    with time_machine.travel(clock.now() + timedelta(days=31)):
        late = Client()
        assert "thank-you" in late.post(survey.path, BIRTH_DATE).url
        assert OWN not in late.cookies


def test_a_quarter_of_an_hour_of_silence_closes_it(survey):
    with time_machine.travel(clock.now()) as traveller:
        phone = answered(survey)
        traveller.shift(timedelta(minutes=14))
        assert phone.get("/me/").status_code == 200
        traveller.shift(timedelta(minutes=16))
        assert phone.get("/me/").status_code == 403


def test_after_an_hour_the_date_is_asked_again(survey):
    with time_machine.travel(clock.now()) as traveller:
        phone = answered(survey)
        for _ in range(5):
            traveller.shift(timedelta(minutes=11))
            assert phone.get("/me/").status_code == 200
        traveller.shift(timedelta(minutes=6))
        assert phone.get("/me/").status_code == 403


def test_a_patient_who_withdraws_is_shown_nothing_more(phone, patient):
    leaving.withdraw(patient, by=audit.SYSTEM, reason="asked")
    assert phone.get("/me/").status_code == 403


def test_a_link_that_staff_replaced_closes_it(phone, survey):
    survey.request.links.update(revoked_at=clock.now() + timedelta(seconds=1))
    assert phone.get("/me/").status_code == 403


def test_a_survey_that_is_open_again_closes_it(phone):
    SurveyRequest.objects.update(state=SurveyRequest.State.CLOSED)
    assert phone.get("/me/").status_code == 403


def test_a_forged_cookie_is_nobody(phone):
    phone.cookies[OWN] = phone.cookies[OWN].value[:-2] + "xx"
    assert phone.get("/me/").status_code == 403


def test_it_shows_the_one_who_answered_last_in_this_browser(phone, clinic):
    stranger = make_patient(clinic)
    other = ask(make_complaint(stranger, pain_site="knee", side="right"))
    enter(other, phone)
    fill(phone, other, "9", "8", "7", "6")
    page = body(phone.get("/me/"))
    assert "right knee" in page and "left foot" not in page


def test_the_way_out_clears_the_browser(phone):
    page = phone.post("/me/close/")
    assert page["Clear-Site-Data"] == '"cache", "storage"'
    assert not phone.cookies[OWN].value
    text = body(page)
    assert "This page is closed" in text and "Esta página está cerrada" in text
    assert phone.get("/me/").status_code == 403


def test_sending_clears_what_the_browser_keeps_of_the_survey(survey):
    phone = enter(survey)
    for number, question in enumerate(survey.sheet.questions[:-1], 1):
        given = fields(survey, number, answering.quiet(question))
        phone.post(f"/survey/{number}/", given)
    sent = phone.post("/survey/7/", fields(survey, 7, "", "send"))
    assert sent["Clear-Site-Data"] == '"cache", "storage"'
    assert tokens.token_for(survey.request.messages.get().pk) not in sent.url


def test_closing_by_get_does_nothing(phone):
    assert phone.get("/me/close/").status_code == 405
    assert phone.get("/me/").status_code == 200


def test_the_thank_you_page_leads_on_and_out(phone, survey):
    page = body(phone.get(f"/survey/thank-you/{survey.request.clinic_id}/en/"))
    assert 'href="/me/"' in page and 'action="/me/close/"' in page
