from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from clinic import audit, clock
from clinic.models import Language
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import links
from outcomes.models import Answer, FollowUp, Response, SurveyRequest
from outcomes.survey import session
from patients.record import registration
from tests.factories import make_complaint, make_patient
from tests.outcomes.survey.conftest import (
    BIRTH_DATE,
    Survey,
    ask,
    ask_baseline,
    enter,
    fields,
    fill,
)


def body(response) -> str:
    return response.content.decode()


def stored(survey: Survey) -> dict[str, object]:
    rows = Answer.objects.filter(response__request=survey.request)
    return dict(rows.values_list("link_id", "value"))


@pytest.fixture
def phone(survey: Survey) -> Client:
    return enter(survey)


def test_the_survey_starts_at_the_first_question(phone):
    assert phone.get("/survey/").url == "/survey/1/"
    text = body(phone.get("/survey/1/"))
    assert "How strong is the pain in your left foot right now?" in text
    assert "1 of 7" in text
    assert text.count('type="radio"') == 12
    assert "Emergency? Call 911." in text and "¿Emergencia?" not in text


def test_every_page_is_private(phone, survey):
    for page in (phone.get("/survey/"), phone.get("/survey/1/")):
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "Fennimore" not in body(phone.get("/survey/1/"))


def test_next_saves_the_answer_and_goes_on(phone, survey):
    response = phone.post("/survey/1/", fields(survey, 1, "4"))
    assert response.url == "/survey/2/"
    assert stored(survey) == {"pain_site": 4}
    follow_up = FollowUp.objects.get(request=survey.request)
    assert follow_up.state == FollowUp.State.STARTED


def test_looking_at_questions_starts_nothing(phone, survey):
    for number in (1, 2, 3, 4):
        phone.get(f"/survey/{number}/")
    assert FollowUp.objects.get(request=survey.request).state == FollowUp.State.OPEN
    assert not Answer.objects.exists()


def test_an_answer_can_be_changed_until_it_is_sent(phone, survey):
    phone.post("/survey/1/", fields(survey, 1, "4"))
    phone.post("/survey/1/", fields(survey, 1, "7"))
    assert stored(survey) == {"pain_site": 7}


def test_going_back_loses_nothing(phone, survey):
    phone.post("/survey/1/", fields(survey, 1, "4"))
    response = phone.post("/survey/2/", fields(survey, 2, "3", "back"))
    assert response.url == "/survey/1/"
    assert stored(survey) == {"pain_site": 4, "pain_back": 3}
    text = body(phone.get("/survey/1/"))
    assert 'value="4" checked' in text and "Saved" in text


def test_going_back_needs_no_answer(phone, survey):
    response = phone.post("/survey/2/", fields(survey, 2, "", "back"))
    assert response.url == "/survey/1/"
    assert stored(survey) == {}


@pytest.mark.parametrize("answer", ["", "11", "-1", "4.5", "1e1", "four", "٤"])
def test_an_answer_that_is_none_is_refused_on_its_page(phone, survey, answer):
    response = phone.post("/survey/1/", fields(survey, 1, answer))
    assert response.status_code == 200
    assert 'id="error"' in body(response)
    assert stored(survey) == {}
    assert FollowUp.objects.get(request=survey.request).state == FollowUp.State.OPEN


def test_cannot_tell_is_an_answer_and_not_zero(phone, survey):
    phone.post("/survey/1/", fields(survey, 1, "cant_tell"))
    assert stored(survey) == {"pain_site": None}
    assert 'value="cant_tell" checked' in body(phone.get("/survey/1/"))


def test_an_answer_meant_for_another_question_is_not_stored(phone, survey):
    response = phone.post("/survey/1/", fields(survey, 2, "9"))
    assert response.url == "/survey/1/?changed"
    page = body(phone.get(response.url))
    assert "These questions have changed. Please look at this one again." in page
    spanish = body(phone.get("/survey/1/?changed&language=es"))
    assert "Estas preguntas cambiaron." in spanish
    assert stored(survey) == {}


def test_another_device_goes_on_where_the_first_stopped(phone, survey):
    phone.post("/survey/1/", fields(survey, 1, "4"))
    tablet = enter(survey)
    assert tablet.get("/survey/").url == "/survey/2/"
    assert 'value="4" checked' in body(tablet.get("/survey/1/"))


def test_change_is_asked_in_words(phone):
    text = body(phone.get("/survey/4/"))
    assert "Think back to before this treatment" in text
    assert "Very much better" in text and "Send my answers" not in text
    assert "Send my answers" in body(phone.get("/survey/7/"))


def test_the_baseline_does_not_ask_for_change(complaint):
    survey = ask_baseline(complaint)
    phone = enter(survey)
    assert "3 of 3" in body(phone.get("/survey/3/"))


def test_a_question_that_does_not_exist_leads_back(phone):
    assert phone.get("/survey/9/").url == "/survey/1/"


def test_a_spanish_patient_is_asked_in_spanish(clinic):
    patient = make_patient(clinic, language=Language.SPANISH)
    survey = ask(make_complaint(patient))
    phone = enter(survey)
    page = body(phone.get("/survey/1/"))
    assert '<html lang="es">' in page
    assert "pie izquierdo" in page and "¿Emergencia? Llame al 911." in page
    assert "Siguiente" in page and "1 de 7" in page


def test_the_language_can_be_switched_and_stays(phone, survey):
    page = phone.get("/survey/1/?language=es")
    assert "pie izquierdo" in body(page)
    phone.post("/survey/1/", fields(survey, 1, "4"))
    assert "Pregunta 2 de 7" in body(phone.get("/survey/2/"))
    assert Response.objects.get().language == "es"
    assert "elija una respuesta" in body(
        phone.post("/survey/2/", fields(survey, 2, ""))
    )


def test_an_unknown_language_changes_nothing(phone):
    assert '<html lang="en">' in body(phone.get("/survey/1/?language=xx"))


@pytest.mark.parametrize("path", ["/survey/", "/survey/1/"])
def test_nobody_gets_in_without_the_date_of_birth(survey, path, client):
    response = client.get(path)
    assert response.status_code == 403
    assert "This page has closed" in body(response)


def test_a_staff_session_is_no_identity(survey, phone, signed_in):
    assert signed_in.get("/survey/1/").status_code == 403
    response = signed_in.post("/survey/1/", fields(survey, 1, "4"))
    assert response.status_code == 403
    assert stored(survey) == {}


def test_a_patient_gets_at_no_staff_page(phone):
    assert "/sign-in/" in phone.get("/").url


def test_a_forged_cookie_is_no_identity(survey):
    phone = enter(survey)
    value = phone.cookies[session.cookie_name()].value
    phone.cookies[session.cookie_name()] = value[:-2] + "xx"
    assert phone.get("/survey/1/").status_code == 403


def test_half_an_hour_of_silence_ends_the_session(survey):
    with time_machine.travel(clock.now()) as traveller:
        phone = enter(survey)
        traveller.shift(timedelta(minutes=29))
        assert phone.get("/survey/1/").status_code == 200
        traveller.shift(timedelta(minutes=29))
        assert phone.get("/survey/1/").status_code == 200
        traveller.shift(timedelta(minutes=31))
        assert phone.get("/survey/1/").status_code == 403


def test_after_four_hours_the_date_is_asked_again(survey):
    with time_machine.travel(clock.now()) as traveller:
        phone = enter(survey)
        for _ in range(11):
            traveller.shift(timedelta(minutes=20))
            assert phone.get("/survey/1/").status_code == 200
        traveller.shift(timedelta(minutes=20))
        assert phone.get("/survey/1/").status_code == 403


def test_one_survey_cannot_answer_another(survey, clinic):
    other = ask(make_complaint(make_patient(clinic)))
    enter(other)
    phone = enter(survey)
    response = phone.post("/survey/1/", fields(other, 1, "4"))
    assert response.status_code == 403
    assert not Answer.objects.exists()


def test_a_page_left_open_does_not_answer_the_next_patients_survey(survey, clinic):
    other = ask(make_complaint(make_patient(clinic)))
    phone = enter(survey)
    left_open = fields(survey, 1, "9")
    enter(other, phone)
    assert phone.post("/survey/1/", left_open).status_code == 403
    assert not Answer.objects.exists()


def test_a_form_of_another_site_saves_nothing(phone, survey):
    response = phone.post(
        "/survey/1/", fields(survey, 1, "4"), headers={"sec-fetch-site": "cross-site"}
    )
    assert response.status_code == 403
    assert stored(survey) == {}


def test_a_patient_who_withdraws_meanwhile_is_let_go(phone, survey):
    form = fields(survey, 1, "4")
    registration.update(
        survey.request.patient,
        by=audit.SYSTEM,
        withdrawn_on=clock.today("America/Chicago"),
    )
    response = phone.post("/survey/1/", form)
    assert response.status_code == 410
    assert "not open any more" in body(response)
    assert stored(survey) == {}


def test_a_new_link_ends_what_was_begun_with_the_old_one(phone, survey):
    form = fields(survey, 1, "4")
    message = links.send_new_link(survey.request, by=audit.SYSTEM, now=clock.now())
    assert phone.get("/survey/1/").status_code == 403
    assert phone.post("/survey/1/", form).status_code == 403
    assert stored(survey) == {}
    renewed = Survey(survey.request, tokens.token_for(message.pk))
    assert enter(renewed, phone).get("/survey/1/").status_code == 200


def test_a_closed_survey_is_not_open_any_more(phone, survey):
    SurveyRequest.objects.update(state=SurveyRequest.State.CLOSED)
    assert "not open any more" in body(phone.get("/survey/1/"))


def test_time_running_out_keeps_what_was_answered(survey):
    with time_machine.travel(survey.request.closes_at - timedelta(minutes=5)) as now:
        phone = enter(survey)
        phone.post("/survey/1/", fields(survey, 1, "4"))
        now.shift(timedelta(minutes=6))
        response = phone.post("/survey/2/", fields(survey, 2, "3"))
    assert "What you answered so far is kept" in body(response)
    assert stored(survey) == {"pain_site": 4}


def test_a_complaint_that_becomes_due_meanwhile_is_asked_too(survey, complaint):
    phone = enter(survey)
    for number, answer in enumerate(("4", "2", "3"), 1):
        phone.post(f"/survey/{number}/", fields(survey, number, answer))
    ask(make_complaint(complaint.patient, pain_site="knee", side="right"))
    response = phone.post("/survey/4/", fields(survey, 4, "2", "send"))
    assert response.url == "/survey/2/?passed-over"
    assert "right knee" in body(phone.get("/survey/2/"))
    assert survey.reload().state == SurveyRequest.State.OPEN


def test_a_page_costs_the_same_for_many_complaints(
    patient, survey, django_assert_max_num_queries
):
    ask(make_complaint(patient, pain_site="knee", side="right"))
    ask(make_complaint(patient, pain_site="hip", side="right"))
    phone = enter(survey)
    with django_assert_max_num_queries(6):
        assert "1 of 11" in body(phone.get("/survey/1/"))


def test_sending_early_leads_to_what_is_missing(phone, survey):
    response = phone.post("/survey/4/", fields(survey, 4, "2", "send"))
    assert response.url == "/survey/1/?passed-over"
    assert survey.reload().state == SurveyRequest.State.OPEN


def test_the_end_says_thank_you_and_forgets_who_it_was(phone, survey, clinic):
    clinic.phone = "(312) 555-0100"
    clinic.save()
    url = fill(phone, survey, "4", "2", "3", "2")
    assert not phone.cookies[session.cookie_name()].value
    page = phone.get(url)
    text = body(page)
    assert "Thank you. Your answers are sent." in text
    assert "Nobody reads the answers right away" in text and "tel:3125550100" in text
    assert page["Cache-Control"] == "no-store"
    assert phone.get("/survey/4/").status_code == 403


def test_the_thank_you_page_is_the_same_for_everybody(survey, client):
    url = fill(enter(survey), survey, "9", "9", "9", "7")
    assert client.get(url).content == enter_page(survey, client).content


def enter_page(survey: Survey, client: Client):
    return client.get(client.post(survey.path, BIRTH_DATE).url)


def test_the_thank_you_page_has_two_languages_and_no_others(clinic, client):
    assert "Gracias" in body(client.get(f"/survey/thank-you/{clinic.pk}/es/"))
    assert client.get(f"/survey/thank-you/{clinic.pk}/fr/").status_code == 404


def test_sending_twice_leads_to_the_same_thank_you(survey):
    first, second = enter(survey), enter(survey)
    for number, answer in enumerate(("4", "2", "3", "2", "none", "none"), 1):
        first.post(f"/survey/{number}/", fields(survey, number, answer))
    form = fields(survey, 7, "", "send")
    urls = [phone.post("/survey/7/", form).url for phone in (first, second)]
    assert urls[0] == urls[1]
    assert Response.objects.filter(state="sealed").count() == 1


def test_sending_with_a_hole_says_which_question_is_left(survey, phone):
    total = survey.sheet.total
    phone.post("/survey/1/", fields(survey, 1, "4"))
    response = phone.post(f"/survey/{total}/", fields(survey, total, "2", "send"))
    page = body(phone.get(response.url))
    assert "Please answer this one too" in page
    assert f"Question 2 of {total}" in page
    assert Response.objects.get().state == Response.State.OPEN


def test_a_question_that_is_only_visited_complains_of_nothing(phone):
    assert "Please answer this one too" not in body(phone.get("/survey/2/?passed-over"))
