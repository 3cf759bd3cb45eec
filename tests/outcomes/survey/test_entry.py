import logging
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic
from config import redaction
from outcomes.follow_ups.channels.tokens import sha256_of
from outcomes.follow_ups.guard import metrics
from outcomes.models import FollowUp, Response, StaffTask, SurveyRequest
from outcomes.survey import guessing, identity, pages
from patients.models import Patient
from patients.record import registration
from tests.factories import make_complaint, make_patient
from tests.outcomes.survey.conftest import (
    BIRTH_DATE,
    WRONG_DATE,
    Survey,
    ask,
    enter,
    fill,
)

LOCKED = "This link is locked"
NOT_OPEN = "This link is not open"


def body(response) -> str:
    return response.content.decode()


def tries(survey: Survey) -> int:
    return survey.reload().birth_date_tries


def test_a_robot_changes_nothing(survey, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        for _ in range(5):
            client.get(survey.path)
            client.head(survey.path)
            client.post(survey.path)
    assert not client.cookies
    assert tries(survey) == 0
    assert not Response.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="survey.re").exists()
    assert FollowUp.objects.filter(state="started").count() == 0


def test_the_first_page_is_private_and_speaks_both_languages(survey, client):
    page = client.get(survey.path)
    text = body(page)
    assert "Emergency? Call 911." in text and "¿Emergencia? Llame al 911." in text
    assert text.index("Emergency?") < text.index("<h1")
    assert "March / marzo" in text
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "http" not in text.replace("http-equiv", "")


def test_the_emergency_line_is_on_every_page_of_the_way_in_and_calls(survey, client):
    def calls(page) -> list[tuple[str, str]]:
        return re.findall(r'<a href="tel:(\d+)" lang="(\w\w)">[^<]*911', body(page))

    both = [("911", "en"), ("911", "es")]
    assert calls(client.get(survey.path)) == both
    assert calls(client.post(survey.path)) == both
    assert calls(client.post("/s/unknown", BIRTH_DATE)) == both
    foreign = {"sec-fetch-site": "cross-site"}
    assert calls(client.post(survey.path, BIRTH_DATE, headers=foreign)) == both
    assert calls(client.get("/survey/1/")) == both
    misses = [client.post(survey.path, WRONG_DATE) for _ in range(5)]
    assert [calls(miss) for miss in misses] == [both] * 5
    SurveyRequest.objects.update(birth_date_tries=0)
    phone = enter(survey)
    assert calls(phone.get("/survey/1/")) == [("911", "en")]
    SurveyRequest.objects.update(state=SurveyRequest.State.CLOSED)
    assert calls(phone.get("/survey/1/")) == [("911", "en")]
    thanks = client.get(f"/survey/thank-you/{survey.request.clinic_id}/es/")
    assert calls(thanks) == [("911", "es")]


def test_the_first_page_shows_nothing_of_the_staff(survey, signed_in, clinic):
    for_staff, for_patient = signed_in.get(survey.path), Client().get(survey.path)
    assert for_staff.content == for_patient.content
    for name in pages.HEADERS:
        assert for_staff[name] == for_patient[name]
    assert clinic.name not in body(signed_in.get(survey.path))


@pytest.mark.parametrize(
    ("left_out", "said"),
    [("day", "enter the day"), ("month", "choose the month"), ("year", "four digits")],
)
def test_a_partial_date_counts_nothing(survey, client, left_out, said):
    text = body(client.post(survey.path, {**BIRTH_DATE, left_out: ""}))
    assert said in text
    assert tries(survey) == 0


def test_an_impossible_date_counts_nothing(survey, client):
    text = body(client.post(survey.path, {"day": "31", "month": "2", "year": "1957"}))
    assert "There is no such date" in text and "Esa fecha no existe" in text
    assert tries(survey) == 0


def test_the_right_date_opens_the_survey_without_the_token(survey, client):
    response = client.post(survey.path, BIRTH_DATE)
    assert response.url == "/survey/"
    cookie = response.cookies["survey"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
    assert set(client.cookies) == {"survey"}
    assert survey.token not in cookie.value
    assert AuditEvent.objects.filter(
        action="survey.entered", actor_kind="patient"
    ).exists()


def test_under_https_the_cookie_belongs_to_this_host_alone(survey, settings):
    settings.IS_HTTPS = True
    cookies = Client().post(survey.path, BIRTH_DATE, secure=True).cookies
    assert set(cookies) == {"__Host-survey"}
    cookie = cookies["__Host-survey"]
    assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]


def test_a_wrong_date_counts_and_says_how_many_tries_are_left(survey, client):
    text = body(client.post(survey.path, WRONG_DATE))
    assert "You can try 4 more times" in text and "4 veces más" in text
    assert tries(survey) == 1
    assert enter(survey)


def born_on(survey: Survey, day: date) -> None:
    Patient.objects.filter(pk=survey.request.patient_id).update(birth_date=day)


def test_day_and_month_the_wrong_way_round_cost_no_try_once(survey, client):
    born_on(survey, date(1957, 4, 3))
    swapped = {"day": "4", "month": "3", "year": "1957"}
    text = body(client.post(survey.path, swapped))
    assert "check the day and the month" in text and "Revise el día y el mes" in text
    assert tries(survey) == 0
    assert "You can try 4 more times" in body(client.post(survey.path, swapped))
    assert tries(survey) == 1
    reasons = AuditEvent.objects.filter(action="survey.refused").order_by("pk")
    assert [event.facts["reason"] for event in reasons] == [
        "day and month swapped",
        "wrong date of birth",
    ]


def test_a_swap_opens_no_survey_that_is_locked(survey, client):
    born_on(survey, date(1957, 4, 3))
    SurveyRequest.objects.update(birth_date_tries=5)
    swapped = {"day": "4", "month": "3", "year": "1957"}
    assert LOCKED in body(client.post(survey.path, swapped))


def test_the_same_number_twice_is_no_swap(survey, client):
    born_on(survey, date(1957, 5, 5))
    client.post(survey.path, {"day": "5", "month": "6", "year": "1957"})
    assert tries(survey) == 1


def test_a_locked_link_is_a_call_for_staff_once(survey, client):
    for _ in range(7):
        client.post(survey.path, WRONG_DATE)
    task = StaffTask.objects.get(reason=StaffTask.Reason.LOCKED)
    assert (task.kind, task.state) == ("reach", "open")
    assert task.follow_up.request == survey.request


def test_correcting_the_date_in_the_record_unlocks(survey, client, patient):
    born_on(survey, date(1957, 3, 15))
    for _ in range(5):
        client.post(survey.path, BIRTH_DATE)
    registration.update(patient, by=audit.SYSTEM, birth_date=date(1957, 3, 14))
    assert tries(survey) == 0
    task = StaffTask.objects.get(reason=StaffTask.Reason.LOCKED)
    assert task.end_reason == identity.CORRECTED
    event = AuditEvent.objects.get(action="survey.unlocked")
    assert event.facts == {"tries_before": 5}
    assert enter(survey)


def test_another_change_of_the_record_unlocks_nothing(survey, client, patient):
    for _ in range(5):
        client.post(survey.path, WRONG_DATE)
    registration.update(patient, by=audit.SYSTEM, given_name="Martha")
    assert LOCKED in body(client.post(survey.path, BIRTH_DATE))


def test_two_patients_on_one_phone_never_spend_each_others_tries(
    survey, client, clinic
):
    other = ask(make_complaint(make_patient(clinic, birth_date=date(1960, 8, 20))))
    for _ in range(4):
        client.post(survey.path, WRONG_DATE)
    assert client.post(other.path, WRONG_DATE).status_code == 200
    assert (tries(survey), tries(other)) == (4, 1)
    assert enter(survey, client)
    assert tries(other) == 1


def test_an_address_that_guesses_at_many_links_has_to_wait(survey, clinic):
    network = Client(REMOTE_ADDR="2001:db8:1:2::1")
    for _ in range(20):
        assert NOT_OPEN in body(network.post("/s/" + "A" * 22, BIRTH_DATE))
    neighbour = Client(REMOTE_ADDR="2001:db8:1:2::ffff")
    refused = body(neighbour.post(survey.path, BIRTH_DATE))
    assert "wait 15 minutes" in refused and "Espere 15 minutos" in refused
    assert "survey" not in neighbour.cookies and tries(survey) == 0
    assert enter(survey, Client(REMOTE_ADDR="2001:db8:1:3::1"))


def test_a_waiting_room_full_of_patients_is_no_guesser(survey):
    for _ in range(25):
        enter(survey)


def test_many_links_that_do_not_exist_are_told_of_once(db, caplog, monkeypatch):
    monkeypatch.setattr(guessing, "UNKNOWN", str(uuid4()))
    for number in range(102):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/s/" + "A" * 22, BIRTH_DATE)
    (line,) = [line for line in caplog.messages if "links that do not exist" in line]
    assert line.startswith("100 survey links")
    assert "mendline_unknown_survey_links 102" in metrics.text(clock.now())


def test_the_right_date_gives_no_tries_back(survey, client):
    client.post(survey.path, WRONG_DATE)
    enter(survey)
    assert tries(survey) == 1


def test_the_third_miss_names_the_clinics_phone(survey, client):
    Clinic.objects.update(phone="(312) 555-0100")
    pages = [body(client.post(survey.path, WRONG_DATE)) for _ in range(3)]
    assert "tel:312" not in pages[1]
    assert 'href="tel:3125550100"' in pages[2]


def test_five_misses_lock_every_link_of_the_survey(survey, client):
    Clinic.objects.update(phone="(312) 555-0100")
    pages = [body(client.post(survey.path, WRONG_DATE)) for _ in range(5)]
    assert LOCKED in pages[4] and "tel:3125550100" in pages[4]
    refused = client.post(survey.path, BIRTH_DATE)
    assert LOCKED in body(refused)
    assert "survey" not in client.cookies
    assert tries(survey) == 5


def test_a_miss_is_audited_without_the_date(survey, client):
    client.post(survey.path, WRONG_DATE)
    event = AuditEvent.objects.get(action="survey.refused")
    assert event.actor_kind == "patient"
    assert event.facts == {"reason": "wrong date of birth", "tries": 1}


def test_dead_links_all_get_the_same_page(survey, client):
    unknown = client.post("/s/" + "A" * 22, BIRTH_DATE)
    survey.request.links.update(revoked_at=clock.now())
    revoked = client.post(survey.path, BIRTH_DATE)
    survey.request.links.update(revoked_at=None, expires_at=clock.now())
    expired = client.post(survey.path, BIRTH_DATE)
    assert NOT_OPEN in body(unknown)
    assert unknown.content == revoked.content == expired.content
    assert not client.cookies


def test_a_patient_who_left_finds_the_link_closed(survey, client):
    Patient.objects.update(withdrawn_on=clock.today("UTC"))
    assert NOT_OPEN in body(client.post(survey.path, BIRTH_DATE))


def test_after_answering_the_link_leads_to_the_thank_you(survey, client):
    fill(enter(survey), survey, "4", "2", "3", "2")
    wrong = client.post(survey.path, WRONG_DATE)
    assert "This is not the date of birth" in body(wrong)
    right = client.post(survey.path, BIRTH_DATE)
    assert right.url.startswith("/survey/thank-you/")


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"origin": "http://testserver"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, False),
        ({"origin": "https://elsewhere.example"}, False),
    ],
)
def test_a_form_of_another_site_is_refused(survey, headers, is_own):
    response = Client().post(survey.path, BIRTH_DATE, headers=headers)
    assert (response.status_code == 302) is is_own
    assert ("survey" in response.cookies) is is_own


def test_the_token_is_in_no_log(survey, caplog):
    caplog.set_level(logging.DEBUG)
    client = Client(raise_request_exception=False)
    for fields in ({}, WRONG_DATE, BIRTH_DATE):
        client.post(survey.path, fields)
    client.post(survey.path, BIRTH_DATE, headers={"origin": "https://evil.example"})
    SurveyRequest.objects.update(birth_date_tries=5)
    client.post(survey.path, BIRTH_DATE)
    survey.request.links.update(revoked_at=clock.now())
    client.post(survey.path, BIRTH_DATE)
    assert survey.token not in caplog.text


def test_the_log_formatter_redacts_what_django_logs(survey, caplog):
    Client().put(survey.path)
    (record,) = caplog.records
    line = redaction.RedactingFormatter("%(message)s").format(record)
    assert line == "Method Not Allowed (PUT): /s/[redacted]"


def test_the_link_works_until_the_window_ends(survey):
    with time_machine.travel(survey.request.closes_at - timedelta(minutes=1)):
        assert enter(survey)
    with time_machine.travel(survey.request.closes_at):
        page = Client().post(survey.path, BIRTH_DATE)
    assert NOT_OPEN in body(page)


def test_two_links_of_one_survey_share_the_tries(survey, client):
    for _ in range(5):
        client.post(survey.path, WRONG_DATE)
    other = Survey(survey.request, "another-token")
    link = survey.request.links.get()
    link.pk = None
    link._state.adding = True
    link.token_sha256 = sha256_of("another-token")
    link.save()
    assert LOCKED in body(client.post(other.path, BIRTH_DATE))


def test_a_new_survey_starts_with_its_own_tries(survey, client, clinic):
    other = ask(make_complaint(make_patient(clinic)))
    for _ in range(5):
        client.post(survey.path, WRONG_DATE)
    assert enter(other)
