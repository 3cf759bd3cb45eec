"""The patient's screens before a visit, as a browser without scripts sees them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic
from outcomes.intake.screens import Kind
from outcomes.models import FollowUp, Intake, Response, Score, SurveyRequest
from outcomes.survey import session
from patients.models import Evaluation, Finding, Patient, RedFlag
from patients.record import registration
from patients.triage import evaluations, flag_baselines
from patients.triage.cells import Entry
from tests import factories
from tests.courses import asked as asked_after_a_procedure
from tests.factories import make_complaint, make_patient
from tests.outcomes.intake.conftest import (
    HEEL,
    TOE,
    ask,
    body,
    fill,
    number_of,
    post,
    sheet_of,
)
from tests.outcomes.survey.conftest import BIRTH_DATE, Survey, enter, fields, form_token
from tests.outcomes.survey.conftest import fill as answer_all

pytestmark = pytest.mark.django_db


def values() -> dict[tuple[str, str], str]:
    return evaluations.values(Evaluation.objects.get())


def get(phone: Client, survey: Survey, key: str) -> str:
    return body(phone.get(f"/survey/intake/{number_of(survey, key)}/"))


def test_the_link_leads_to_the_first_screen(phone):
    assert phone.get("/survey/").url == "/survey/intake/1/"
    page = body(phone.get("/survey/intake/1/"))
    assert "Where does it hurt?" in page and "1 of 16" in page
    assert "Nobody reads them right away." in page
    assert "Emergency? Call 911." in page
    assert 'value="back"' not in page


def test_every_screen_is_private(phone, survey):
    for number in range(1, sheet_of(survey).total + 1):
        page = phone.get(f"/survey/intake/{number}/")
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer"
        assert "Fennimore" not in body(page) and "Marta" not in body(page)


def test_looking_at_screens_changes_nothing(phone, survey):
    before = AuditEvent.objects.count()
    for number in range(1, sheet_of(survey).total + 1):
        phone.get(f"/survey/intake/{number}/")
        phone.get(f"/survey/intake/{number}/first/")
    assert Intake.objects.get().state == Intake.State.ASKED
    assert not Finding.objects.exists()
    assert AuditEvent.objects.count() == before


def test_an_answer_is_kept_as_it_is_given(phone, survey):
    reply = post(phone, survey, "where", regions=[HEEL, TOE], worst_region=TOE)
    assert reply.url == "/survey/intake/2/"
    assert values() == {
        ("pain_regions", "none"): f"{HEEL},{TOE}",
        ("pain_worst", "none"): TOE,
    }
    assert set(Finding.objects.values_list("informant", "entered_by")) == {
        ("patient", None)
    }
    assert Intake.objects.get().state == Intake.State.BEGUN


def test_the_whole_way_in_english(phone, survey, intake):
    url = fill(
        phone,
        survey,
        pain_now={"answer": "6"},
        back_now={"answer": "cant_tell"},
        worse={"answer": ["sitting", "walking"]},
        numbness={"answer": "left", "number": "3", "unit": "weeks"},
        bending={"answer": "cant_tell"},
        legs={"answer": ["RF16", "none"]},
        story={"answer": "It began after a long drive."},
    )
    assert "/survey/thank-you/" in url and "/en/" in url
    found = values()
    assert found["pain_site_now", "none"] == "6"
    assert found["worse_with", "none"] == "walking,sitting"
    assert found["numbness", "left"] == "present"
    assert found["numbness", "right"] == "absent"
    assert found["RF16", "none"] == "present" and found["RF14", "none"] == "absent"
    assert found["story", "none"] == "It began after a long drive."
    codes = {code for code, _ in found}
    assert not codes & {"pain_back_now", "bending_sitting"}, "not sure is not recorded"
    row = intake()
    assert (row.state, row.language) == (Intake.State.SENT, "en")
    assert row.request.state == SurveyRequest.State.COMPLETED


def test_the_whole_way_in_spanish(clinic, physician):
    patient = make_patient(clinic, language="es")
    survey = ask(make_complaint(patient), physician)
    phone = enter(survey)
    page = body(phone.get("/survey/intake/1/"))
    assert '<html lang="es">' in page and "¿Dónde le duele?" in page
    assert "Pie izquierdo" in get(phone, survey, "onset")
    assert "Nada de esto" in get(phone, survey, "changes")
    assert "No estoy" not in page and "Siguiente" in page
    url = fill(phone, survey, story={"answer": "Empezó después de un viaje largo."})
    assert url.endswith("/es/")
    assert Intake.objects.get().language == "es"
    assert "Gracias" in body(phone.get(url))


def test_what_nobody_answered_is_never_a_no(phone, survey):
    post(phone, survey, "pain_now", answer="6")
    assert {code for code, _ in values()} == {"pain_site_now"}
    post(phone, survey, "legs", answer=["RF16"])
    assert {code for code, _ in values()} == {"pain_site_now", "RF16"}


def test_an_empty_form_is_asked_again_on_its_page(phone, survey):
    for step in sheet_of(survey).steps:
        reply = post(phone, survey, step.key)
        if step.kind != "text":
            assert reply.status_code == 200, step.key
            assert 'id="error"' in body(reply)
    assert not Finding.objects.exists()


def test_going_back_keeps_and_needs_no_answer(phone, survey):
    reply = post(phone, survey, "pain_now", go="back", answer="6")
    assert reply.url == "/survey/intake/2/"
    reply = post(phone, survey, "back_now", go="back")
    assert reply.url == "/survey/intake/3/"
    page = body(phone.get("/survey/intake/3/"))
    assert 'value="6" checked' in page and "Saved" in page


def test_what_was_typed_stays_where_something_is_missing(phone, survey):
    page = body(post(phone, survey, "onset", number="3"))
    assert 'value="3"' in page and "days, weeks, months or years" in page
    page = body(post(phone, survey, "worse", answer=["sitting", "nothing"]))
    assert 'value="sitting" checked' in page and 'value="nothing" checked' in page


def test_a_pain_from_before_birth_is_asked_again(phone, survey):
    page = body(post(phone, survey, "onset", number="90", unit="years"))
    assert "before you were born" in page
    assert not Finding.objects.exists()
    assert Intake.objects.get().answers == {}


def test_not_sure_takes_back_what_the_patient_said(phone, survey):
    post(phone, survey, "numbness", answer="left")
    post(phone, survey, "numbness", answer="cant_tell")
    assert values() == {}
    page = get(phone, survey, "numbness")
    assert 'value="cant_tell" checked' in page


def test_another_device_goes_on_where_the_first_stopped(phone, survey):
    post(phone, survey, "where", answer="cant_tell")
    post(phone, survey, "onset", number="2", unit="weeks")
    tablet = enter(survey)
    assert tablet.get("/survey/").url == "/survey/intake/3/"
    page = body(tablet.get("/survey/intake/2/"))
    assert 'value="2"' in page and 'value="weeks" checked' in page


def test_two_devices_do_not_undo_each_other(phone, survey):
    tablet = enter(survey)
    post(phone, survey, "numbness", answer="left")
    post(tablet, survey, "weakness", answer="no")
    post(tablet, survey, "numbness", answer="no")
    assert values()["numbness", "left"] == "absent"
    assert values()["weakness", "left"] == "absent"
    assert Finding.objects.filter(code="numbness", value="present").exists()


def test_sending_with_a_hole_leads_to_it(phone, survey):
    post(phone, survey, "where", answer="cant_tell")
    reply = post(phone, survey, "story", go="send", answer="")
    assert reply.url == "/survey/intake/2/?passed-over"
    assert "Please answer this one too" in body(phone.get(reply.url))
    assert Intake.objects.get().state == Intake.State.BEGUN


def test_a_form_for_a_screen_that_moved_is_not_stored(phone, survey):
    form = {"survey": form_token(survey), "question": "weakness", "answer": "both"}
    reply = phone.post("/survey/intake/3/", form)
    assert reply.url == "/survey/intake/1/?changed"
    assert "These questions have changed." in body(phone.get(reply.url))
    assert not Finding.objects.exists()


@pytest.mark.parametrize("go", ["next", "back"])
def test_a_text_that_is_too_long_says_how_long_and_keeps_what_fits(phone, survey, go):
    page = body(post(phone, survey, "story", go=go, answer="x" * 50_000))
    assert "That is too long: 50,000 characters. At most 2,000 fit here." in page
    assert f">{'x' * 2_000}</textarea>" in page


def test_a_screen_that_does_not_exist_leads_back(phone):
    assert phone.get("/survey/intake/99/").url == "/survey/"


def test_sent_is_sent(phone, survey, intake):
    tablet = enter(survey)
    late = {
        "survey": form_token(survey),
        "question": "weakness",
        "answer": "both",
    }
    fill(phone, survey)
    before = values()
    assert not phone.cookies[session.cookie_name()].value
    assert "/survey/thank-you/" in tablet.post("/survey/intake/10/", late).url
    again = Client().post(survey.path, BIRTH_DATE)
    assert "/survey/thank-you/" in again.url
    assert values() == before
    event = AuditEvent.objects.get(action="intake.sent")
    assert event.actor_kind == "patient"
    assert event.facts == {"screens": 16, "language": "en"}


def test_sending_twice_is_the_same_as_once(phone, survey):
    tablet = enter(survey)
    fill(phone, survey)
    reply = tablet.get("/survey/")
    assert "/survey/thank-you/" in reply.url
    assert AuditEvent.objects.filter(action="intake.sent").count() == 1


@pytest.mark.parametrize("path", ["/survey/intake/1/", "/survey/intake/1/first/"])
def test_nobody_gets_in_without_the_date_of_birth(survey, path, client):
    assert client.get(path).status_code == 403
    enter(survey, client)
    assert client.get(path).status_code in (200, 302)


def test_a_form_of_another_site_saves_nothing(phone, survey):
    number = number_of(survey, "pain_now")
    asked = sheet_of(survey).steps[number - 1]
    form = {"survey": form_token(survey), "question": asked.key, "answer": "5"}
    reply = phone.post(
        f"/survey/intake/{number}/", form, headers={"sec-fetch-site": "cross-site"}
    )
    assert reply.status_code == 403
    reply = phone.post(f"/survey/intake/{number}/", {**form, "survey": "x"})
    assert reply.status_code == 403
    assert not Finding.objects.exists()


def test_who_withdraws_meanwhile_is_let_go(phone, survey, patient):
    post(phone, survey, "pain_now", answer="6")
    today = clock.today(patient.time_zone)
    registration.update(patient, by=audit.SYSTEM, withdrawn_on=today)
    form = {"survey": form_token(survey), "question": "back_now", "answer": "5"}
    reply = phone.post("/survey/intake/4/", form)
    assert reply.status_code == 410 and "not open any more" in body(reply)
    assert Intake.objects.get().state == Intake.State.UNFINISHED


def test_time_running_out_keeps_what_was_answered(survey):
    with time_machine.travel(survey.request.closes_at - timedelta(minutes=5)) as now:
        phone = enter(survey)
        post(phone, survey, "pain_now", answer="6")
        now.shift(timedelta(minutes=6))
        reply = phone.get("/survey/intake/4/")
    assert reply.status_code == 410
    assert "What you answered so far is kept" in body(reply)
    assert values() == {("pain_site_now", "none"): "6"}


def test_an_intake_that_is_over_is_not_asked_beside_a_follow_up(
    complaint, clinic, physician
):
    ask(complaint, physician, visit_on=factories.days_ago(clinic, 0))
    request = asked_after_a_procedure(complaint)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        survey = Survey(request, "")
        assert sheet_of(survey).total == 0


def test_a_signed_evaluation_takes_no_answers(phone, survey, physician):
    post(phone, survey, "pain_now", answer="6")
    evaluations.sign(Evaluation.objects.get(), by=physician)
    form = {"survey": form_token(survey), "question": "back_now", "answer": "5"}
    assert phone.post("/survey/intake/4/", form).status_code == 410
    assert values() == {("pain_site_now", "none"): "6"}
    intake = Intake.objects.get()
    assert (intake.state, intake.reviewed_by) == (Intake.State.REVIEWED, physician)


def test_a_page_costs_the_same_for_many_complaints(
    complaint, physician, django_assert_max_num_queries
):
    survey = ask(complaint, physician)
    for site in ("knee", "shoulder"):
        survey = ask(make_complaint(complaint.patient, pain_site=site), physician)
    phone = enter(survey)
    total = sheet_of(survey).total
    assert total > 30
    with django_assert_max_num_queries(4):
        assert f"1 of {total}" in body(phone.get("/survey/intake/1/"))


# --- Follow-ups behind the same link ---


def test_follow_up_questions_come_after_the_intake(complaint, physician):
    request = asked_after_a_procedure(complaint)
    survey = ask(complaint, physician)
    assert survey.request == request
    phone = enter(survey)
    assert phone.get("/survey/").url == "/survey/intake/1/"
    assert fill(phone, survey).endswith("/survey/")
    assert phone.get("/survey/").url == "/survey/1/"
    back = phone.post("/survey/1/", fields(survey, 1, "4", go="back"))
    assert back.url == f"/survey/intake/{sheet_of(survey).total}/"
    assert "/survey/thank-you/" in answer_all(phone, survey, "4", "2", "3", "2")
    assert Intake.objects.get().state == Intake.State.SENT
    assert FollowUp.objects.get(request=request).state == FollowUp.State.COMPLETED
    scored = Score.objects.values_list("measure__key", flat=True)
    assert set(scored) >= {"pain_site", "activity_limits", "global_change"}


def test_a_follow_up_that_joins_is_asked_before_all_is_sent(
    phone, survey, complaint, intake
):
    post(phone, survey, "pain_now", answer="6")
    asked_after_a_procedure(complaint)
    assert fill(phone, survey).endswith("/survey/1/?passed-over")
    assert intake().state == Intake.State.BEGUN
    phone.get("/survey/")
    assert "/survey/thank-you/" in answer_all(phone, survey, "4", "2", "3", "2")
    assert intake().state == Intake.State.SENT


def test_an_intake_that_joins_is_asked_before_all_is_sent(complaint, physician):
    asked_after_a_procedure(complaint)
    early = ask(complaint, physician)
    phone = enter(early)
    leads_to = answer_all(phone, early, "4", "2", "3", "2")
    assert leads_to == "/survey/intake/1/?passed-over"
    assert Response.objects.get().state == Response.State.OPEN


# --- Several pains ---


def test_what_concerns_the_person_is_kept_for_every_pain(complaint, physician):
    ask(complaint, physician)
    right = make_complaint(complaint.patient, side="right")
    survey = ask(right, physician)
    phone = enter(survey)
    post(phone, survey, "onset.foot.left", number="2", unit="weeks")
    post(phone, survey, "numbness", answer="left")
    post(phone, survey, "legs", answer=["none"])
    left, other = (one.evaluations.get() for one in (complaint, right))
    assert "pain_onset" in {code for code, _ in evaluations.values(left)}
    assert "pain_onset" not in {code for code, _ in evaluations.values(other)}
    for evaluation in (left, other):
        found = evaluations.values(evaluation)
        assert found["numbness", "left"] == "present"
        assert found["RF14", "none"] == "absent"


# --- Red flags ---


def test_an_emergency_is_said_on_the_next_page(phone, survey):
    reply = post(phone, survey, "changes", answer=["RF02", "none"])
    assert reply.url.endswith("/first/")
    page = body(phone.get(reply.url))
    assert "<h1>Emergency? Call 911.</h1>" in page
    assert "Do not wait for our answer" in page and 'href="tel:911"' in page
    assert 'href="/survey/"' in page


def test_the_flag_stands_before_anything_is_sent(phone, survey, patient):
    post(phone, survey, "changes", answer=["RF02"])
    flag = RedFlag.objects.get()
    assert (flag.flag, flag.tier, flag.informant) == ("RF02", "E0", "patient")
    assert flag.patient == patient and flag.events.get().by is None
    assert Intake.objects.get().state == Intake.State.BEGUN


def test_an_emergency_speaks_spanish_at_once(clinic, physician):
    Clinic.objects.update(emergency_es="¿Es urgente? Llame al 112.")
    clinic.refresh_from_db()
    survey = ask(make_complaint(make_patient(clinic, language="es")), physician)
    phone = enter(survey)
    reply = post(phone, survey, "changes", answer=["RF01", "none"])
    page = body(phone.get(reply.url))
    assert "<h1>¿Es urgente? Llame al 112.</h1>" in page
    assert 'href="tel:112"' in page and "No espere nuestra respuesta" in page


def test_the_same_day_says_call_us_today(phone, survey):
    Clinic.objects.update(phone="(312) 555-0100")
    reply = post(phone, survey, "weakness", answer="left", number="2", unit="days")
    page = body(phone.get(reply.url))
    assert "Please call us today" in page and "tel:3125550100" in page
    assert RedFlag.objects.get().flag == "RF06"


def test_what_can_wait_interrupts_nobody(phone, survey):
    reply = post(phone, survey, "health", answer=["RF10", "none"])
    number = number_of(survey, "health")
    assert reply.url == f"/survey/intake/{number + 1}/"
    assert RedFlag.objects.get().tier == "E2"
    assert phone.get(f"/survey/intake/{number}/first/").url == "/survey/"


def test_a_checked_box_without_none_is_kept_and_asked_about_the_rest(phone, survey):
    reply = post(phone, survey, "health", answer=["RF10"])
    page = body(phone.get(reply.url))
    assert "that is saved. Is there more?" in page
    assert "None of the others" in page and 'value="RF10" checked' in page
    assert values() == {("RF10", "none"): "present"}
    reply = post(phone, survey, "health", answer=["RF10", "none"])
    assert reply.url == f"/survey/intake/{number_of(survey, 'injections')}/"
    assert values()["RF11", "none"] == "absent"


def test_an_emergency_comes_before_the_question_about_the_rest(phone, survey):
    reply = post(phone, survey, "changes", answer=["RF03"])
    assert reply.url.endswith("/first/")
    post(phone, survey, "where", answer="cant_tell")
    number = number_of(survey, "changes")
    assert "Is there more?" in body(phone.get(f"/survey/intake/{number}/"))


def test_an_emergency_is_said_once_and_again_when_more_is_said(phone, survey):
    assert post(phone, survey, "changes", answer=["RF02"]).url.endswith("/first/")
    reply = post(phone, survey, "changes", answer=["RF02", "none"])
    assert reply.url == f"/survey/intake/{number_of(survey, 'changes') + 1}/"
    reply = post(phone, survey, "changes", answer=["RF02", "RF03", "none"])
    assert reply.url.endswith("/first/")


def test_an_emergency_is_said_again_to_whom_no_reply_came(phone, survey):
    said = {"answer": ["RF02", "none"], "showing": "a", "tap": "1"}
    post(phone, survey, "changes", **said)
    reply = post(phone, survey, "changes", **said, again="1")
    assert reply.url.endswith("/first/")
    assert RedFlag.objects.get().flag == "RF02"


def test_a_detail_makes_it_an_emergency(phone, survey):
    reply = post(phone, survey, "health", answer=["RF17", "none"])
    assert "Please call us" in body(phone.get(reply.url))
    page = get(phone, survey, "detail.RF17")
    assert "chest pain" in page
    reply = post(phone, survey, "detail.RF17", answer="yes")
    assert "Call 911" in body(phone.get(reply.url))
    assert RedFlag.objects.get().tier == "E0"


def test_a_flag_that_stands_is_an_emergency_again(phone, survey, complaint):
    factories.make_evaluation(complaint, RF02="present")
    flag = RedFlag.objects.get()
    reply = post(phone, survey, "changes", answer=["RF02", "none"])
    assert "Call 911" in body(phone.get(reply.url))
    assert RedFlag.objects.get() == flag


def test_a_later_no_keeps_the_flag(phone, survey):
    post(phone, survey, "changes", answer=["RF02", "none"])
    post(phone, survey, "changes", answer=["none"])
    assert values()["RF02", "none"] == "absent"
    flag = RedFlag.objects.get()
    assert flag.state == RedFlag.State.OPEN
    assert [event.kind for event in flag.events.all()] == ["raised", "denied"]


def dated(patient: Patient, physician, flag: str) -> None:
    flag_baselines.record(
        patient, by=physician, flag=flag, stands_since=date(2024, 3, 3), note="old"
    )


def test_what_has_long_been_so_is_asked_as_new_or_worse(patient, physician, complaint):
    dated(patient, physician, "RF02")
    survey = ask(complaint, physician)
    phone = enter(survey)
    page = get(phone, survey, "known.RF02")
    assert "New or worse since March 3, 2024: trouble starting" in page
    assert "desde el 3 de marzo de 2024: no sentir" in body(
        phone.get(f"/survey/intake/{number_of(survey, 'known.RF02')}/?language=es")
    )


@pytest.mark.parametrize(
    ("answer", "raised"), [("unchanged", []), ("absent", []), ("present", ["RF02"])]
)
def test_the_old_is_no_emergency_and_a_change_always_is(
    patient, physician, complaint, answer, raised
):
    dated(patient, physician, "RF02")
    survey = ask(complaint, physician)
    phone = enter(survey)
    reply = post(phone, survey, "known.RF02", answer=answer)
    assert reply.url.endswith("/first/") == bool(raised)
    assert values() == {("RF02", "none"): answer}
    assert list(RedFlag.objects.values_list("flag", flat=True)) == raised


def test_pain_into_both_legs_is_an_emergency_too(phone, survey):
    reply = post(phone, survey, "radiating", answer="both")
    assert "Call 911" in body(phone.get(reply.url))
    assert RedFlag.objects.get().flag == "RF05"


def test_the_clock_of_a_weakness_starts_on_the_day_that_was_said(
    phone, survey, complaint
):
    post(phone, survey, "weakness", answer="left", number="12", unit="days")
    complaint.refresh_from_db()
    assert complaint.is_clock_running and complaint.deficit_days == 12


def test_an_emergency_without_a_number_still_says_its_words(phone, survey):
    # As it may still stand from before a number was asked for.
    Clinic.objects.update(emergency_en="Go to the nearest emergency room.")
    reply = post(phone, survey, "changes", answer=["RF02", "none"])
    page = body(phone.get(reply.url))
    assert "<h1>Go to the nearest emergency room.</h1>" in page
    assert "tel:" not in page


def test_no_answer_stands_in_an_address_or_the_audit(phone, survey):
    reply = post(phone, survey, "changes", answer=["RF02", "none"])
    assert "RF" not in reply.url and "E0" not in reply.url
    post(phone, survey, "story", answer="Secret words")
    told = str(list(AuditEvent.objects.values_list("facts", flat=True)))
    assert "Secret" not in told


# --- What staff had entered, and other pains ---


def test_a_marked_place_goes_to_the_pain_that_it_is_of(patient, physician):
    left, right = (
        make_complaint(patient, pain_site="heel", side=side)
        for side in ("left", "right")
    )
    ask(left, physician)
    survey = ask(right, physician)
    staff = {("pain_regions", "none"): Entry("heel_back:right")}
    evaluations.record(right.evaluations.get(), by=physician, entries=staff)
    phone = enter(survey)
    post(phone, survey, "where", regions=[HEEL, "low_back"], worst_region=HEEL)
    of_left, of_right = (
        evaluations.values(one.evaluations.get()) for one in (left, right)
    )
    assert of_left["pain_regions", "none"] == f"{HEEL},low_back"
    assert of_left["pain_worst", "none"] == HEEL
    assert of_right["pain_regions", "none"] == "heel_back:right"
    # What was tapped is shown as it was tapped.
    page = get(phone, survey, "where")
    assert f'value="{HEEL}" checked' in page


def test_a_place_that_is_taken_back_is_taken_back_here_alone(patient, physician):
    left, right = (
        make_complaint(patient, pain_site="heel", side=side)
        for side in ("left", "right")
    )
    ask(left, physician)
    survey = ask(right, physician)
    phone, other = enter(survey), "heel_below:right"
    post(phone, survey, "where", regions=[HEEL, other], worst_region=HEEL)
    post(phone, survey, "where", regions=[HEEL], worst_region=HEEL)
    assert ("pain_regions", "none") in evaluations.values(left.evaluations.get())
    assert not evaluations.values(right.evaluations.get())


def test_what_staff_entered_stands_beside_what_the_patient_says(
    phone, survey, complaint, physician
):
    draft = Evaluation.objects.get()
    cells = {("pain_site_now", "none"): "7", ("weakness", "left"): "absent"}
    staff = {cell: Entry(value) for cell, value in cells.items()}
    evaluations.record(draft, by=physician, entries=staff)
    post(phone, survey, "pain_now", answer="3")
    reply = post(phone, survey, "weakness", answer="left")
    assert "/first/" in reply.url, "a weakness is said to be urgent all the same"
    standing = evaluations.standing(draft)
    assert {cell: standing[cell].value for cell in cells} == cells
    said = evaluations.said_otherwise(draft, standing)
    assert said["pain_site_now", "none"].value == "3"
    assert said["weakness", "left"].value == "present"
    assert RedFlag.objects.get(flag="RF06").state == "open"
    complaint.refresh_from_db()
    assert (complaint.deficit_kind, complaint.is_clock_running) == ("weakness", True)


def test_a_flag_that_staff_denied_is_heard_when_the_patient_says_yes(
    phone, survey, physician
):
    draft = Evaluation.objects.get()
    no = {("RF01", "none"): Entry("absent")}
    evaluations.record(draft, by=physician, entries=no)
    post(phone, survey, number_key(survey, "RF01"), answer=["RF01", "none"])
    assert RedFlag.objects.get().tier == "E0"
    assert evaluations.values(draft)["RF01", "none"] == "absent"


def number_key(survey: Survey, flag: str) -> str:
    """The screen that asks a red flag."""
    asked = (step for step in sheet_of(survey).steps if step.kind == Kind.FLAGS)
    return next(s.key for s in asked if flag in {found.key for found in s.asks})


def test_a_later_word_of_the_patient_is_the_one_beside(phone, survey, physician):
    draft = Evaluation.objects.get()
    seven = {("pain_site_now", "none"): Entry("7")}
    evaluations.record(draft, by=physician, entries=seven)
    for answer in ("3", "5", "5"):
        post(phone, survey, "pain_now", answer=answer)
    said = evaluations.said_otherwise(draft, evaluations.standing(draft))
    assert said["pain_site_now", "none"].value == "5"
    by_patient = Finding.objects.filter(code="pain_site_now", informant="patient")
    assert by_patient.count() == 2, "a repetition is no news"
