"""The list, the call and what is done to many rows, as staff see them."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from clinic import access, clock
from clinic.models import AuditEvent
from outcomes.follow_ups.worklist import calls, listing, tasks
from outcomes.in_clinic import entering
from outcomes.models import (
    Answer,
    ContactAttempt,
    FollowUp,
    Message,
    Response,
    StaffTask,
)
from outcomes.survey import had_treatment
from outcomes.survey.questions import Question
from patients.models import Patient
from tests import answering, factories

LIST, ACT = reverse("outcomes:follow_ups"), reverse("outcomes:act_on_follow_ups")
REASSIGN = reverse("outcomes:reassign")


@pytest.fixture
def desk(client, colleague):
    """The front desk's browser."""
    client.force_login(colleague)
    return client


def show(client, part: str) -> str:
    return client.get(LIST, {"show": part}).content.decode()


def address(name: str, follow_up: FollowUp) -> str:
    return reverse(f"outcomes:{name}", args=[follow_up.pk])


def send(client, rows: list, do: str, **more: object) -> str:
    """Posts the chosen rows; returns what the page then says."""
    values = [getattr(row, "pk", row) for row in rows]
    reply = client.post(ACT, {"row": values, "do": do, **more}, follow=True)
    assert reply.status_code == 200, reply.content[:300]
    return reply.content.decode()


def test_the_call_page_says_what_time_it_is_where_the_patient_is(
    desk, follow_up, monkeypatch
):
    Patient.objects.filter(pk=follow_up.patient_id).update(zone="Pacific/Auckland")
    noon = clock.now().replace(month=7, hour=22, minute=44)
    monkeypatch.setattr(clock, "now", lambda: noon)
    page = desk.get(address("call", follow_up)).content.decode()
    assert "10:44 there" in page


@pytest.mark.parametrize("call", ["", "nothing", str(UUID(int=1))])
def test_a_link_sent_while_talking_leads_back_to_the_call(desk, follow_up, call):
    page = desk.get(address("call", follow_up)).content.decode()
    link = reverse("outcomes:new_link", args=[follow_up.request_id])
    assert f'action="{link}"' in page and f'name="call" value="{follow_up.pk}"' in page
    there = desk.post(link, {"call": follow_up.pk}).headers["Location"]
    assert there == address("call", follow_up)
    assert Message.objects.filter(kind=Message.Kind.NEW_LINK).count() == 1
    elsewhere = desk.post(link, {"call": call}).headers["Location"]
    assert elsewhere == reverse("outcomes:patient", args=[follow_up.patient_id])


def test_a_row_says_what_was_tried_how_long_is_left_and_who_has_it(
    desk, follow_up, task, colleague
):
    Message.objects.update(state="accepted", accepted_at=clock.now())
    StaffTask.objects.update(assigned_to=colleague)
    calls.log(follow_up, outcome="no_answer", by=colleague)
    today = clock.today(follow_up.clinic.zone)
    page = show(desk, "due")
    day = f"{today.day} {today:%b}"
    assert f"e-mail {day}, called {day}: no answer" in page
    assert "15 days left" in page
    assert "Ana Ruiz" in page.partition("<tbody>")[2]
    assert reverse("outcomes:call", args=[follow_up.pk]).endswith(
        f"{follow_up.pk}/call/"
    )


@pytest.mark.parametrize(
    ("part", "is_there"),
    [("calls", True), ("nobodys", True), ("mine", False), ("examinations", False)],
)
def test_a_call_stands_where_calls_are_made(desk, follow_up, task, part, is_there):
    assert (follow_up.patient.family_name in show(desk, part)) is is_there


def test_a_call_that_is_due_tomorrow_is_no_call_to_make_today(desk, follow_up, task):
    StaffTask.objects.update(
        due_on=tasks.next_working_day(follow_up.patient, task.due_on)
    )
    assert follow_up.patient.family_name not in show(desk, "calls")


def test_what_is_mine_is_listed_for_me(desk, follow_up, task, colleague):
    StaffTask.objects.update(assigned_to=colleague)
    assert follow_up.patient.family_name in show(desk, "mine")
    assert follow_up.patient.family_name not in show(desk, "nobodys")


def test_examinations_stand_apart_and_nobody_is_called_for_them(desk, follow_up):
    FollowUp.objects.filter(pk=follow_up.pk).update(who="clinician")
    StaffTask.objects.create(
        clinic=follow_up.clinic,
        patient=follow_up.patient,
        follow_up=follow_up,
        kind="examine",
        reason="clinician",
        due_on=follow_up.due_on,
        closes_on=follow_up.closes_on,
    )
    page = show(desk, "examinations")
    assert follow_up.patient.family_name in page
    assert "/call/" not in page
    reply = desk.post(address("call", follow_up), {"outcome": "no_answer"})
    assert "nothing to ask the patient" in reply.content.decode()


def test_the_most_pressing_stand_first(signed_in, follow_up, clinic):
    other = factories.make_plan(
        factories.make_complaint(factories.make_patient(clinic)), "lifestyle"
    )
    baseline = other.episodes.get().follow_ups.get(is_baseline=True)
    page = show(signed_in, "due")
    first, second = baseline.patient.family_name, follow_up.patient.family_name
    assert page.index(first) < page.index(second)


def test_beyond_the_ranked_rows_the_list_goes_on(signed_in, clinic, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    monkeypatch.setattr(listing, "RANKED", 3)
    for _ in range(2):
        factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    seen: list[str] = []
    for number in range(1, 11):
        page = signed_in.get(f"{LIST}?show=all&page={number}").content.decode()
        found = page.split('name="row" value="')[1:]
        seen += [part[:36] for part in found]
    assert len(seen) == len(set(seen)) == FollowUp.objects.count() == 30


@pytest.mark.parametrize("count", [1, 9])
def test_a_page_asks_the_same_however_many_rows(
    signed_in, clinic, follow_up, task, count, django_assert_num_queries
):
    for _ in range(count):
        factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    with django_assert_num_queries(17):
        signed_in.get(LIST, {"show": "all"})


def test_a_call_page_has_the_number_the_script_and_the_emergency_line(
    desk, follow_up, task
):
    page = desk.get(address("call", follow_up)).content.decode()
    assert 'href="tel:+13125550142"' in page
    assert "Emergency? Call 911." in page
    assert "this is Ana Ruiz from" in page
    assert "no answer to our messages" in page


def test_the_script_speaks_the_patients_language(desk, follow_up):
    Patient.objects.update(language="es")
    page = desk.get(address("call", follow_up)).content.decode()
    assert "le habla Ana Ruiz" in page
    assert "¿Emergencia? Llame al 911." in page


def test_what_is_said_to_a_machine_tells_nothing_of_health(desk, follow_up):
    page = desk.get(address("call", follow_up)).content.decode()
    voicemail = page.partition("Voicemail: nothing about health")[2]
    voicemail = voicemail.partition("</dd>")[0].lower()
    for word in ("pain", "foot", "treatment", "injection", "platelet", "question"):
        assert word not in voicemail


def test_the_front_desk_sees_no_diagnosis_when_it_calls(desk, follow_up, task):
    page = desk.get(address("call", follow_up)).content.decode()
    assert "1 month" in page
    page = page.partition("<main")[2].partition("</main>")[0]
    assert "foot" not in page.lower() and "Platelet" not in page


def test_one_tap_logs_that_nobody_answered(desk, follow_up, task):
    reply = desk.post(address("call", follow_up), {"outcome": "no_answer"}, follow=True)
    assert "Nobody answered; next call" in reply.content.decode()
    assert ContactAttempt.objects.get().outcome == "no_answer"


def test_the_second_of_two_reads_who_was_first_and_can_send_again(
    desk, follow_up, task, admin
):
    calls.log(follow_up, outcome="no_answer", by=admin)
    here = address("call", follow_up)
    form = {"outcome": "no_answer", "seen": "", "note": "rang long"}
    page = desk.post(here, form).content.decode()
    assert f"{admin.name} logged a call today at" in page
    assert 'value="rang long"' in page
    assert ContactAttempt.objects.count() == 1
    seen = str(ContactAttempt.objects.get().pk)
    assert f'name="seen" value="{seen}"' in page
    assert desk.post(here, {**form, "seen": seen}).status_code == 302
    assert ContactAttempt.objects.count() == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"outcome": "x"}, "Select a valid choice"),
        ({"outcome": "call_back", "call_again_on": "2001-01-01"}, "Give a day from"),
        ({"outcome": "call_back", "call_again_on": "soon"}, "Give a day such as"),
        ({"outcome": "no_answer", "note": "n" * 301}, "at most 300 characters"),
        ({}, "Say what came of the call"),
    ],
)
def test_bad_input_is_said_and_keeps_nothing(desk, follow_up, task, form, words):
    page = desk.post(address("call", follow_up), form).content.decode()
    assert words in page
    assert not ContactAttempt.objects.exists()


def test_a_death_is_confirmed_on_a_page_of_its_own(desk, follow_up, task):
    page = desk.get(address("call_died", follow_up)).content.decode()
    assert "You are about to record" in page and follow_up.patient.mrn in page
    assert Patient.objects.get().deceased_on is None
    assert desk.post(address("call_died", follow_up)).status_code == 302
    patient = Patient.objects.get()
    assert patient.deceased_on and patient.death_confirmed_by is None


def test_who_refuses_chooses_what_stops(desk, follow_up):
    here = address("call_refused", follow_up)
    assert "Say what is to stop" in desk.post(here).content.decode()
    assert desk.post(here, {"stop": "everything"}).status_code == 302
    assert Patient.objects.get().withdrawn_on is not None


BY_PHONE = {"how": "phone", "who": "patient", "language": "en"}


def said(question: Question) -> str:
    return "7" if question.item.is_coded else answering.quiet(question)


def test_the_front_desk_types_answers_and_never_reads_one(desk, follow_up, task):
    here = address("enter_answers", follow_up)
    page = desk.get(here).content.decode()
    assert "How strong is the pain in your left foot" in page
    assert "¿Qué tan fuerte es su dolor" in page
    asked = entering.questions(follow_up)
    form = {**BY_PHONE, **{one.key: said(one) for one in asked}}
    reply = desk.post(here, form, follow=True)
    assert ">Saved.<" in reply.content.decode()
    assert Response.objects.get().provenance == "phone"
    again = desk.get(here).content.decode()
    assert "checked" not in again and "is over: answered" in again


def test_earlier_answers_are_not_ticked(desk, follow_up):
    asked = entering.questions(follow_up)
    form = {**BY_PHONE, **{one.key: said(one) for one in asked}}
    by_phone_only = dict(list(form.items())[:4])
    page = desk.post(address("enter_answers", follow_up), by_phone_only).content
    # All but the one that was sent, and the words that nobody must give.
    assert page.decode().count("Choose an answer") == len(asked) - 2
    assert not Answer.objects.exists()


def test_who_was_not_treated_yet_is_asked_nothing_more(desk, clinic):
    patient = factories.make_patient(clinic)
    plan = factories.make_plan(factories.make_complaint(patient), "prp")
    check = plan.episodes.get().follow_ups.get(is_safety=True)
    today = clock.today(clinic.zone)
    plan.interventions.filter(is_index=True).update(planned_on=today)
    FollowUp.objects.filter(pk=check.pk).update(
        opens_on=today, due_on=today, closes_on=today
    )
    check.refresh_from_db()
    first = entering.questions(check)[0]
    assert had_treatment.is_asked_by(first)
    here = address("enter_answers", check)
    assert desk.post(here, {**BY_PHONE, first.key: "0"}).status_code == 302
    check.refresh_from_db()
    assert (check.state, check.state_reason) == ("cancelled", "not had yet")
    assert ContactAttempt.objects.get().outcome == "answered"


def test_many_rows_are_given_to_one_person(signed_in, follow_up, colleague):
    others = list(FollowUp.objects.exclude(pk=follow_up.pk).filter(state="planned"))
    page = send(signed_in, [follow_up, *others], "assign", to=colleague.pk)
    assert f"{1 + len(others)} done." in page
    assert StaffTask.objects.filter(assigned_to=colleague).count() == 1 + len(others)
    event = AuditEvent.objects.get(action="follow_ups.acted_on")
    assert event.facts["done"] == 1 + len(others)


def test_what_cannot_be_done_is_counted_with_its_reason(signed_in, follow_up):
    planned = FollowUp.objects.filter(state="planned")[0]
    page = send(signed_in, [follow_up, planned], "new_link")
    assert "1 done, 1 not: the patient was not asked yet" in page
    assert Message.objects.filter(rung__startswith="manual").count() == 1


def test_rows_of_one_survey_get_one_link(signed_in, follow_up):
    other = FollowUp.objects.filter(state="planned")[0]
    FollowUp.objects.filter(pk=other.pk).update(request=follow_up.request)
    assert "2 done." in send(signed_in, [follow_up, other], "new_link")
    assert Message.objects.filter(rung__startswith="manual").count() == 1


def test_calls_that_reached_nobody_are_logged_at_once_and_once(desk, follow_up, task):
    assert "1 done." in send(desk, [follow_up], "no_answer")
    page = send(desk, [follow_up], "no_answer")
    assert "0 done, 1 not: somebody else has logged a call" in page
    seen = f"{follow_up.pk}.{ContactAttempt.objects.get().pk}"
    assert seen in show(desk, "due")
    assert "1 done." in send(desk, [seen], "no_answer")
    assert ContactAttempt.objects.count() == 2


def test_the_front_desk_takes_rows_and_gives_them_back(desk, follow_up, colleague):
    send(desk, [follow_up], "take")
    assert StaffTask.objects.get().assigned_to == colleague
    send(desk, [follow_up], "assign", to="nobody")
    assert StaffTask.objects.get().assigned_to is None


def test_nothing_chosen_changes_nothing(desk, follow_up):
    assert "choose at least one row" in send(desk, [], "take")


def test_another_clinics_row_is_none(client, outsider, follow_up):
    client.force_login(outsider)
    assert "choose at least one row" in send(client, [follow_up], "take")
    assert not StaffTask.objects.exists()


@pytest.mark.parametrize(
    "form",
    [{"row": "x", "do": "take"}, {"row": uuid4(), "do": "x"}, {"to": "x"}],
)
def test_a_strange_act_does_not_exist(signed_in, follow_up, form):
    form = {"row": follow_up.pk, "do": "assign", **form}
    assert signed_in.post(ACT, form).status_code in (302, 404)
    assert not StaffTask.objects.exists()


def test_the_way_back_leads_to_the_same_part_and_nowhere_else(desk, follow_up):
    form = {"row": follow_up.pk, "do": "take", "here": "show=mine&page=2&next=//x.y"}
    assert desk.post(ACT, form).url == f"{LIST}?show=mine&page=2"


def test_who_is_away_is_replaced_after_a_look_at_the_numbers(
    signed_in, follow_up, task, colleague, admin
):
    StaffTask.objects.update(assigned_to=colleague)
    form = {"away": colleague.pk, "to": ""}
    page = signed_in.post(REASSIGN, form).content.decode()
    assert f"1 to {admin.name}" in page
    assert StaffTask.objects.get().assigned_to == colleague
    reply = signed_in.post(REASSIGN, {**form, "confirm": "yes"}, follow=True)
    assert "1 task handed over to 1 person." in reply.content.decode()
    assert StaffTask.objects.get().assigned_to == admin


def test_only_who_hands_out_tasks_reassigns(desk, follow_up):
    assert desk.get(REASSIGN).status_code == 403


def test_nobody_else_is_there_to_take_over(client, follow_up, task, clinic, physician):
    client.force_login(physician)
    StaffTask.objects.update(assigned_to=physician)
    page = client.post(REASSIGN, {"away": physician.pk, "to": physician.pk})
    assert "Choose somebody else." in page.content.decode()


def test_researchers_call_nobody(client, researcher, follow_up):
    client.force_login(researcher)
    assert client.get(address("call", follow_up)).status_code == 404
    assert access.Act.CALL_PATIENTS not in access.acts_of(researcher)
