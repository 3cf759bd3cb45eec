"""Staff look at what the patient said: beside it, changed or not, and signed."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.intake import asking, reviewing
from outcomes.models import Intake, Message
from patients.models import Evaluation, Finding
from patients.triage import evaluations
from patients.triage.cells import Entry, cell_of
from tests import factories
from tests.outcomes.intake.conftest import ask, body, fill, post
from tests.outcomes.survey.conftest import enter

pytestmark = pytest.mark.django_db
State = Intake.State


@pytest.fixture
def sent(phone, survey) -> Intake:
    fill(phone, survey, pain_now={"answer": "6"}, numbness={"answer": "left"})
    return Intake.objects.select_related("evaluation").get()


@pytest.fixture
def desk(client, assistant):
    client.force_login(assistant)
    return client


def sheet(desk, intake) -> str:
    return body(desk.get(reverse("patients:evaluation", args=[intake.evaluation_id])))


def change(intake, by, **cells) -> None:
    entries = {
        cell_of(name.replace("__", ".")): value and Entry(value)
        for name, value in cells.items()
    }
    evaluations.record(intake.evaluation, by=by, entries=entries)


def test_staff_ask_from_the_page_of_evaluations(desk, complaint, assistant):
    page = body(desk.get(reverse("patients:evaluate", args=[complaint.pk])))
    assert "Ask the patient before the visit" in page
    visit_on = factories.days_ago(complaint.clinic, -5)
    address = reverse("outcomes:ask_intake", args=[complaint.pk])
    reply = desk.post(address, {"visit_on": visit_on}, follow=True)
    page = body(reply)
    assert "The questions go out now" in page
    assert "Ask the patient before the visit" not in page
    assert "Send a new link" in page and "by Person" in page
    assert Intake.objects.get().visit_on == visit_on


@pytest.mark.parametrize("visit_on", ["soon", "2020-01-01"])
def test_a_day_that_cannot_be_sends_nothing(desk, complaint, visit_on):
    address = reverse("outcomes:ask_intake", args=[complaint.pk])
    page = body(desk.post(address, {"visit_on": visit_on}, follow=True))
    assert "nothing was sent" in page or "has passed" in page
    assert not Message.objects.exists()


def test_why_nobody_can_be_asked_is_said(desk, complaint):
    complaint.patient.contact_points.update(may_contact=False)
    address = reverse("outcomes:ask_intake", args=[complaint.pk])
    page = body(desk.post(address, follow=True))
    assert "no address or number with consent" in page
    assert not Evaluation.objects.exists()


def test_the_front_desk_can_renew_the_link_of_a_patient_without_follow_ups(
    client, clerk, survey, patient
):
    client.force_login(clerk)
    page = body(client.get(reverse("outcomes:patient", args=[patient.pk])))
    assert reverse("outcomes:new_link", args=[survey.request.pk]) in page
    client.post(reverse("outcomes:new_link", args=[survey.request.pk]))
    assert Message.objects.filter(rung="manual").exists()


def test_the_front_desk_asks_nobody_about_what_it_cannot_see(client, clerk, complaint):
    client.force_login(clerk)
    reply = client.post(reverse("outcomes:ask_intake", args=[complaint.pk]))
    assert reply.status_code == 404


def test_what_came_in_waits_on_today_and_above_the_sheet(desk, sent, patient):
    assert "Filled in before the visit" in body(desk.get("/"))
    page = sheet(desk, sent)
    assert "Filled in by the patient" in page and "not reviewed yet" in page
    assert "said by the patient" in page


def test_reviewed_is_said_by_whom_and_leaves_today(desk, sent, assistant):
    reply = desk.post(reverse("outcomes:review_intake", args=[sent.pk]), follow=True)
    assert f"reviewed by {assistant}" in body(reply)
    sent.refresh_from_db()
    assert (sent.state, sent.reviewed_by) == (State.REVIEWED, assistant)
    assert "Filled in before the visit" not in body(desk.get("/"))
    event = AuditEvent.objects.get(action="intake.reviewed")
    assert event.actor == assistant


def test_a_review_happens_once(sent, assistant, physician):
    reviewing.review(sent, by=assistant)
    with pytest.raises(ValidationError, match="has reviewed it already"):
        reviewing.review(sent, by=physician)


def test_what_is_not_sent_is_not_reviewed(survey, assistant, intake):
    with pytest.raises(ValidationError, match="has not sent it yet"):
        reviewing.review(intake(), by=assistant)


def test_who_said_what_is_kept_when_staff_change_it(desk, sent, assistant):
    change(sent, assistant, numbness__left="absent")
    page = sheet(desk, sent)
    assert "the patient said: yes" in page
    kept = Finding.objects.get(code="numbness", side="left", informant="patient")
    assert kept.value == "present" and kept.replaced_by == assistant
    now = evaluations.standing(sent.evaluation)["numbness", "left"]
    assert (now.value, now.informant, now.entered_by) == ("absent", "staff", assistant)


def test_what_staff_take_back_still_says_what_the_patient_said(desk, sent, assistant):
    change(sent, assistant, pain_site_now=None)
    assert "the patient said: 6" in sheet(desk, sent)


def test_a_map_that_staff_change_still_says_what_the_patient_marked(
    desk, sent, assistant
):
    assert "Where it hurts: said by the patient" in sheet(desk, sent)
    change(sent, assistant, pain_regions="big_toe:left")
    page = sheet(desk, sent)
    assert "Where it hurts: the patient said left heel, from below" in page


def test_what_the_patient_took_back_is_not_held_against_them(desk, survey, phone):
    post(phone, survey, "numbness", answer="left")
    post(phone, survey, "numbness", answer="cant_tell")
    post(phone, survey, "weakness", answer="left")
    post(phone, survey, "weakness", answer="no")
    assert "the patient said" not in sheet(desk, Intake.objects.get())


def test_agreeing_with_the_patient_is_not_said_twice(desk, sent, assistant, physician):
    change(sent, assistant, pain_site_now="5")
    change(sent, physician, pain_site_now="6")
    assert "the patient said" not in sheet(desk, sent)


def test_a_repeated_answer_does_not_undo_staff(phone, survey, assistant, intake):
    post(phone, survey, "numbness", answer="left")
    change(intake(), assistant, numbness__left="absent")
    post(phone, survey, "numbness", answer="left")
    found = evaluations.standing(intake().evaluation)["numbness", "left"]
    assert (found.value, found.entered_by) == ("absent", assistant)


def test_a_new_answer_of_the_patient_counts(phone, survey, assistant, intake):
    post(phone, survey, "numbness", answer="left")
    change(intake(), assistant, numbness__left="absent", numbness__right="present")
    post(phone, survey, "numbness", answer="both")
    found = evaluations.values(intake().evaluation)
    assert found["numbness", "right"] == "present"


def test_not_sure_takes_back_nothing_of_staff(phone, survey, assistant, intake):
    change(intake(), assistant, pain_site_now="7")
    post(phone, survey, "pain_now", answer="cant_tell")
    found = evaluations.standing(intake().evaluation)["pain_site_now", "none"]
    assert (found.value, found.informant) == ("7", "staff")


def test_staff_who_save_meanwhile_are_told_it_was_the_patient(
    phone, survey, assistant, intake
):
    draft, seen = intake().evaluation, intake().evaluation.revision
    post(phone, survey, "pain_now", answer="6")
    cell = ("pain_site_now", "none")
    saved = evaluations.record(
        draft, by=assistant, entries={cell: Entry("3")}, seen=seen
    )
    (conflict,) = saved.conflicts
    assert (conflict.by, conflict.theirs) == ("the patient", Entry("6"))


def test_signing_is_a_look_at_it(sent, physician):
    evaluations.sign(sent.evaluation, by=physician)
    sent.refresh_from_db()
    assert (sent.state, sent.reviewed_by) == (State.REVIEWED, physician)


def test_an_evaluation_in_error_waits_for_nobody(sent, physician):
    evaluations.enter_in_error(sent.evaluation, by=physician, reason="wrong foot")
    sent.refresh_from_db()
    assert sent.state == State.CLOSED
    assert not reviewing.waiting(physician).exists()


def test_signing_while_the_patient_fills_it_in_ends_their_pages(
    phone, survey, physician, intake
):
    post(phone, survey, "pain_now", answer="6")
    evaluations.sign(intake().evaluation, by=physician)
    assert intake().state == State.REVIEWED
    assert phone.get("/survey/intake/4/").status_code == 410


def test_another_clinics_intake_is_as_good_as_unknown(client, outsider, sent):
    client.force_login(outsider)
    reply = client.post(reverse("outcomes:review_intake", args=[sent.pk]))
    assert reply.status_code == 404
    assert not reviewing.waiting(outsider).exists()


def test_what_never_arrived_is_on_today(desk, complaint, assistant):
    intake = asking.ask(complaint, by=assistant)
    assert "not reached" not in body(desk.get("/"))
    Intake.objects.update(state_reason="e-mail not delivered: SMTP 550")
    assert "not reached" in body(desk.get("/"))
    page = body(desk.get(reverse("patients:evaluate", args=[complaint.pk])))
    assert "E-mail not delivered: SMTP 550" in page
    assert intake.state == State.ASKED


def test_the_list_costs_the_same_for_many(clinic, physician, django_assert_num_queries):
    for _ in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        survey = ask(complaint, physician)
        fill(enter(survey), survey)
    with django_assert_num_queries(1):
        names = [
            (str(each.patient), str(each.evaluation.complaint), each.patient.time_zone)
            for each in reviewing.waiting(physician)
        ]
    assert len(names) == 3


def test_those_with_a_visit_first_come_first(clinic, physician):
    for days in (3, 1):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        visit_on = factories.days_ago(clinic, -days)
        survey = ask(complaint, physician, visit_on=visit_on)
        fill(enter(survey), survey)
    days = [each.visit_on for each in reviewing.waiting(physician)]
    assert days == sorted(days)


def test_a_sheet_in_spanish_says_so(desk, sent):
    Intake.objects.update(language="es")
    assert "in Spanish" in sheet(desk, sent)


def test_the_time_of_sending_is_the_patients_own(sent):
    assert sent.sent_at <= clock.now()
