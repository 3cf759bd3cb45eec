"""The survey of a safety check whose procedure nobody has confirmed."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic import audit, clock
from outcomes.follow_ups import wording
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.planning import schedule
from outcomes.intake import asking
from outcomes.models import Answer, FollowUp, Message, Response, Score, SurveyRequest
from outcomes.survey import had_treatment, texts
from plans.models import Intervention
from tests import factories, reading
from tests.outcomes.survey.conftest import Survey, enter, fields, fill, send

State = FollowUp.State
# To the pain; then nothing went wrong, and nothing is to tell.
ANSWERS = ("4",)
REST = ("4", "none", "")


def ask_safety(*complaints, monkeypatch, days: int = 7) -> Survey:
    """What goes out so many days after the planned day, which nobody confirmed."""
    for complaint in complaints:
        factories.make_plan(complaint)
    FollowUp.objects.filter(is_baseline=True).update(
        state=State.EXPIRED, next_action_at=None
    )
    move_clock(monkeypatch, 14 + days)
    return send(complaints[0].patient)


def move_clock(monkeypatch, days: int) -> None:
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=days))


@pytest.fixture
def checked(complaint, monkeypatch) -> Survey:
    return ask_safety(complaint, monkeypatch=monkeypatch)


def procedure() -> Intervention:
    return Intervention.objects.get(is_index=True)


def safety() -> FollowUp:
    return FollowUp.objects.exclude(state=State.SUPERSEDED).get(
        timepoint_key="d7_safety"
    )


def links(survey: Survey) -> list[str]:
    return [question.item.link_id for question in survey.sheet.questions]


def answer(client: Client, survey: Survey, value: str, number: int = 1) -> str:
    response = client.post(
        f"/survey/{number}/", fields(survey, number, value), follow=True
    )
    return response.content.decode()


def test_the_first_question_is_whether_it_was_had(checked):
    client = enter(checked)
    page = client.get("/survey/1/").content.decode()
    day = texts.day(procedure().planned_on, "en")
    assert f"Did you have your treatment on {day}?" in page
    assert "Not yet" in page and "1 of 4" in page
    page = client.get("/survey/1/?language=es").content.decode()
    assert "¿Recibió su tratamiento el" in page and "Todavía no" in page
    assert "platelet" not in page.lower() and "PRP" not in page


def test_yes_is_told_to_staff_and_the_check_goes_on(checked):
    client = enter(checked)
    assert fill(client, checked, "1", *ANSWERS).startswith("/survey/thank")
    assert (procedure().patient_said, procedure().status) == ("yes", "planned")
    assert safety().state == State.COMPLETED
    response = Response.objects.get()
    assert {"pain_site", "rf18", "harm_bleeding", "note"} <= {
        answer.link_id for answer in response.answers.all()
    }
    assert Score.objects.get(response=response).value == 4
    waiting = FollowUp.objects.filter(timepoint_key="m1", next_action_at=None)
    assert waiting.get().state == State.PLANNED


def test_not_yet_ends_the_check_and_says_so(checked):
    client = enter(checked)
    page = answer(client, checked, "0")
    assert "Thank you. Your answers are sent." in page
    assert (safety().state, safety().state_reason) == ("cancelled", "not had yet")
    assert procedure().patient_said == "no"
    assert checked.reload().state == SurveyRequest.State.COMPLETED
    assert not Score.objects.exists()
    again = Client().post(checked.path, {"day": "14", "month": "3", "year": "1957"})
    assert "/thank" in again.url


def test_after_not_yet_the_day_moves_and_it_is_asked_again(checked, monkeypatch):
    answer(enter(checked), checked, "0")
    one = procedure()
    Intervention.objects.filter(pk=one.pk).update(
        planned_on=clock.today("America/Chicago") + timedelta(days=3)
    )
    schedule.apply(safety().episode, by=audit.SYSTEM)
    move_clock(monkeypatch, 21 + 10)
    survey = send(checked.request.patient)
    assert safety().state == State.OPEN
    enter(survey)
    assert links(survey)[0] == f"had_treatment_{procedure().planned_on}"


def test_cant_tell_leaves_it_open_and_goes_on(checked):
    client = enter(checked)
    fill(client, checked, "cant_tell", *ANSWERS)
    assert procedure().patient_said == ""
    assert safety().state == State.COMPLETED
    stored = Answer.objects.get(link_id__startswith=had_treatment.LINK)
    assert stored.value is None


def test_it_cannot_be_passed_over(checked):
    client = enter(checked)
    for number, value in enumerate(REST, 2):
        go = "send" if number == 4 else "next"
        response = client.post(f"/survey/{number}/", fields(checked, number, value, go))
    assert response.url == "/survey/1/?passed-over"


def test_an_answer_can_be_changed_until_the_check_ends(checked):
    client = enter(checked)
    answer(client, checked, "1")
    assert procedure().patient_said == "yes"
    assert links(checked)[0].startswith(had_treatment.LINK)
    answer(client, checked, "0")
    assert procedure().patient_said == "no"


def test_confirmed_meanwhile_it_is_not_asked(checked):
    enter(checked)
    assert links(checked)[0].startswith(had_treatment.LINK)
    factories.make_performed(procedure().plan, days=7)
    assert not links(checked)[0].startswith(had_treatment.LINK)


def test_not_yet_counts_no_more_where_staff_just_recorded_it(checked):
    client = enter(checked)
    form = fields(checked, 1, "0")
    question = checked.sheet.questions[0]
    factories.make_performed(procedure().plan, days=7)
    # The page that stood open asks what nobody asks any more.
    response = client.post("/survey/1/", form)
    assert response.url == "/survey/1/?changed"
    assert not had_treatment.keep(checked.request, question, None)
    assert safety().state in FollowUp.ASKED


def test_cancelled_meanwhile_nothing_is_asked(checked):
    client = enter(checked)
    Intervention.objects.filter(is_index=True).update(status="cancelled")
    schedule.apply(safety().episode, by=audit.SYSTEM)
    page = client.get("/survey/1/")
    assert page.status_code == 410
    assert "not open any more" in page.content.decode()


def test_a_confirmed_procedure_asks_its_safety_questions_alone(complaint, monkeypatch):
    plan = factories.make_plan(complaint, started_days_ago=20)
    factories.make_performed(plan, days=7)
    survey = send(complaint.patient)
    enter(survey)
    assert safety().state in FollowUp.ASKED
    assert not any(link.startswith(had_treatment.LINK) for link in links(survey))


def test_yes_ends_a_baseline_that_belongs_before_it(complaint, monkeypatch):
    factories.make_plan(complaint)
    move_clock(monkeypatch, 8)
    send(complaint.patient)
    move_clock(monkeypatch, 21)
    survey = send(complaint.patient)
    client = enter(survey)
    assert len(Response.objects.all()) == 2
    answer(client, survey, "1")
    baseline = FollowUp.objects.get(is_baseline=True)
    assert (baseline.state, baseline.state_reason) == ("expired", "no answer")
    fill(client, survey, "1", *ANSWERS)
    assert safety().state == State.COMPLETED
    assert Score.objects.values("response").distinct().count() == 1


def test_not_yet_leaves_the_baseline_to_answer(complaint, monkeypatch):
    factories.make_plan(complaint)
    move_clock(monkeypatch, 8)
    send(complaint.patient)
    move_clock(monkeypatch, 21)
    survey = send(complaint.patient)
    client = enter(survey)
    page = answer(client, survey, "0")
    assert "1 of 3" in page
    fill(client, survey, *ANSWERS[:3])
    assert FollowUp.objects.get(is_baseline=True).is_answered
    assert safety().state == State.CANCELLED


def test_after_not_yet_an_intake_is_still_asked(checked, complaint, physician):
    asking.ask(complaint, by=physician)
    client = enter(checked)
    client.post("/survey/1/", fields(checked, 1, "0"))
    assert safety().state == State.CANCELLED
    assert checked.reload().state == SurveyRequest.State.OPEN


def test_a_second_check_believes_the_first_yes(complaint, monkeypatch):
    plan = factories.make_plan(complaint, "bone_marrow_concentrate")
    FollowUp.objects.filter(is_baseline=True).update(
        state=State.EXPIRED, next_action_at=None
    )
    until = (plan.episodes.get().anchor_on - plan.started_on).days
    move_clock(monkeypatch, until + 2)
    first = send(complaint.patient)
    fill(enter(first), first, "1", *ANSWERS)
    move_clock(monkeypatch, until + 7)
    second = send(complaint.patient)
    enter(second)
    assert second.request != first.request
    assert not any(link.startswith(had_treatment.LINK) for link in links(second))


def test_two_treatments_of_one_day_are_told_apart(patient, monkeypatch):
    one = factories.make_complaint(patient)
    two = factories.make_complaint(patient, pain_site="knee", side="right")
    survey = ask_safety(one, two, monkeypatch=monkeypatch)
    client = enter(survey)
    words = [q.wording("en") for q in survey.sheet.questions[:2]]
    assert sorted("knee" in each for each in words) == [False, True]
    answer(client, survey, "0")
    said = Intervention.objects.filter(is_index=True)
    assert sorted(said.values_list("patient_said", flat=True)) == ["", "no"]
    assert FollowUp.objects.filter(state=State.CANCELLED).count() == 1
    assert survey.reload().state == SurveyRequest.State.OPEN


def test_the_questions_cost_three_queries(checked, django_assert_num_queries):
    enter(checked)
    request = SurveyRequest.objects.select_related(
        "patient__merged_into", "clinic"
    ).get()
    # What is asked, what was answered, and whether somebody answers for the patient.
    with django_assert_num_queries(3):
        Survey(request, "").sheet  # noqa: B018


def test_the_message_names_no_treatment(checked):
    message = Message.objects.get()
    assert tokens.token_for(message.pk) == checked.token
    words = wording.words_for(message)
    for text in (words.subject, words.text, words.html):
        assert "treatment" not in text and "tratamiento" not in text


@pytest.mark.parametrize("key", ["had_treatment", "had_treatment_of"])
def test_the_question_is_easy_to_read(key):
    filled = {"day": texts.day(clock.today("UTC"), "en"), "site": "your left foot"}
    assert reading.grade(texts.say(key, "en", **filled)) <= 6
    filled = {"day": texts.day(clock.today("UTC"), "es"), "site": "el pie izquierdo"}
    assert reading.spanish_ease(texts.say(key, "es", **filled)) >= 70
