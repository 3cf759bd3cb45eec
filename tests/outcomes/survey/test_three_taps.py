"""The last resort: three questions, one tap each, for who answered nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Language
from outcomes.dashboards.capture import rows as capture_rows
from outcomes.dashboards.capture.choices import Choices
from outcomes.follow_ups.engine import due
from outcomes.in_clinic import entering
from outcomes.instruments import library
from outcomes.instruments.definition import Occasion
from outcomes.models import Answer, FollowUp, Message, Response, Score, SurveyRequest
from outcomes.survey import questions
from outcomes.survey.questions import Asked
from tests import answering
from tests.factories import make_complaint, make_patient, make_performed, make_plan
from tests.outcomes.survey.conftest import (
    Survey,
    ask,
    ask_baseline,
    enter,
    fields,
    form_token,
)

CORE = library.instruments()["core_follow_up"]
SHORT = library.instruments()["three_taps"]


@pytest.fixture
def rescue(survey: Survey) -> Survey:
    return shorten(survey)


@pytest.fixture
def phone(rescue: Survey) -> Client:
    return enter(rescue)


def shorten(survey: Survey) -> Survey:
    SurveyRequest.objects.update(is_rescue=True)
    survey.reload()
    return survey


def tap(client: Client, survey: Survey, number: int, answer: str):
    """What the press of an answer's button sends."""
    page = survey.sheet.questions[number - 1]
    sent = {"survey": form_token(survey), "question": page.key, "answer": answer}
    return client.post(f"/survey/{number}/", sent)


def press_all(client: Client, survey: Survey, number: int):
    sent = fields(survey, number, "", "all")
    del sent["answer"]
    return client.post(f"/survey/{number}/", sent)


def stored() -> dict[str, int | None]:
    return {
        one.link_id: None if one.value is None else int(one.value)
        for one in Answer.objects.all()
    }


def asked_of(survey: Survey) -> list[str]:
    return [question.key for question in survey.sheet.questions]


def test_the_questions_are_the_long_ones_word_for_word():
    long = {item.link_id: item for item in CORE.items}
    assert [item.link_id for item in SHORT.items] == [
        "pain_site",
        "activity_limits",
        "global_change",
    ]
    assert all(item == long[item.link_id] for item in SHORT.items)


def test_three_taps_send_the_answers_and_score_them(phone, rescue):
    assert phone.get("/survey/").url == "/survey/1/"
    assert tap(phone, rescue, 1, "4").url == "/survey/2/"
    assert tap(phone, rescue, 2, "3").url == "/survey/3/"
    assert "/survey/thank-you/" in tap(phone, rescue, 3, "2").url
    response = Response.objects.get()
    assert response.state == Response.State.SEALED
    assert response.instrument.key == "three_taps"
    values = dict(Score.objects.values_list("measure__key", "value"))
    assert values == {"pain_site": 4, "activity_limits": 3, "global_change": 2}
    assert FollowUp.objects.get(request=rescue.request).state == "completed"


def test_each_answer_is_a_button_and_nothing_else_must_be_pressed(phone):
    page = phone.get("/survey/1/").content.decode()
    assert page.count('name="answer"') == 12
    assert 'type="radio"' not in page and ">Next<" not in page
    assert "Only 3 taps. The last one sends your answers." in page
    assert "This tap sends your answers." in phone.get("/survey/3/").content.decode()


def test_it_is_told_in_spanish(clinic):
    patient = make_patient(clinic, language=Language.SPANISH)
    page = enter(shorten(ask(make_complaint(patient)))).get("/survey/1/")
    assert "Solo 3 toques." in page.content.decode()
    assert "Contestar las 7" in page.content.decode()


def test_it_counts_as_partial(phone, rescue, physician):
    for number, answer in enumerate(("4", "3", "2"), 1):
        tap(phone, rescue, number, answer)
    assert fate(physician) == "partial"


def test_who_goes_on_to_the_whole_survey_keeps_what_was_tapped(
    phone, rescue, physician
):
    tap(phone, rescue, 1, "4")
    assert "All 7 questions instead" in phone.get("/survey/2/").content.decode()
    assert press_all(phone, rescue, 2).url == "/survey/2/"
    rescue.reload()
    assert asked_of(rescue)[1] == "pain_back" and stored() == {"pain_site": 4}
    assert AuditEvent.objects.filter(action="survey.lengthened").count() == 1
    page = phone.get("/survey/2/").content.decode()
    assert 'type="radio"' in page and "2 of 7" in page
    for number, (answer, go) in enumerate(
        (
            ("5", "next"),
            ("3", "next"),
            ("2", "next"),
            ("none", "next"),
            ("none", "next"),
            ("", "send"),
        ),
        2,
    ):
        phone.post(f"/survey/{number}/", fields(rescue, number, answer, go))
    assert Response.objects.get().instrument.key == "core_follow_up"
    assert fate(physician) == "answered"


def fate(user) -> str:
    today = clock.today("America/Chicago")
    window = timedelta(days=400)
    rows = capture_rows.annotated(user, Choices(period="all"), today + window)
    return rows.get(state=FollowUp.State.COMPLETED).fate


def test_what_was_answered_before_it_was_cut_down_is_scored_too(survey, physician):
    early = enter(survey)
    early.post("/survey/1/", fields(survey, 1, "4"))
    early.post("/survey/2/", fields(survey, 2, "6"))
    phone = enter(shorten(survey))
    assert phone.get("/survey/").url == "/survey/2/"
    tap(phone, survey, 2, "3")
    tap(phone, survey, 3, "2")
    assert Score.objects.filter(measure__key="pain_back").get().value == 6
    # The rest was never asked.
    assert fate(physician) == "partial"


def test_going_back_needs_no_tap(phone, rescue):
    tap(phone, rescue, 1, "4")
    sent = fields(rescue, 2, "", "back")
    del sent["answer"]
    assert phone.post("/survey/2/", sent).url == "/survey/1/"
    assert 'aria-current="true"' in phone.get("/survey/1/").content.decode()


def test_no_tap_at_all_is_refused(phone, rescue):
    page = tap(phone, rescue, 1, "").content.decode()
    assert 'id="error"' in page and not stored()


def test_a_baseline_has_three_questions_as_it_is(complaint):
    survey = shorten(ask_baseline(complaint))
    phone = enter(survey)
    assert asked_of(survey) == [
        f"pain_site.{complaint.pain_site}.{complaint.side}",
        "pain_back",
        "activity_limits",
    ]
    assert "instead" not in phone.get("/survey/1/").content.decode()
    for number, answer in enumerate(("4", "3", "2"), 1):
        tap(phone, survey, number, answer)
    survey.reload()
    assert survey.request.state == "completed" and not survey.request.is_rescue
    assert Response.objects.get().instrument.key == "core_follow_up"


@pytest.mark.parametrize(
    ("sites", "taps"),
    [
        (["knee"], ["pain_site", "activity_limits", "global_change"]),
        (["low_back"], ["pain_site", "activity_limits", "global_change"]),
        (["knee", "shoulder"], ["pain_site", "pain_site", "activity_limits"]),
        (["knee", "shoulder", "wrist", "ankle"], ["pain_site"] * 4),
    ],
)
def test_three_taps_however_many_complaints(sites, taps):
    asked = [
        Asked(
            site,
            tuple(library.items_for(CORE, Occasion(site, is_after_anchor=True))),
            site,
            "left",
        )
        for site in sites
    ]
    wanted = {item.link_id for item in SHORT.items}
    found = questions.few(questions.compose(asked), sites, wanted)
    assert [question.item.link_id for question in found] == taps
    assert {t.response_id for q in found for t in q.targets} == set(sites)


def test_staff_on_the_phone_ask_all_of_it(phone, rescue, physician):
    """Also of who has begun the three taps."""
    tap(phone, rescue, 1, "4")
    row = FollowUp.objects.get(request=rescue.request)
    asked = entering.questions(row)
    assert len(asked) == 7
    answers = {question.key: answering.given(question, 2) for question in asked}
    entering.accept(row, answers=answers, language="en", by=physician)
    rescue.reload()
    assert not rescue.request.is_rescue
    assert {"pain_back", "rf02", "elsewhere_medicine", "note"} <= set(stored())
    assert Response.objects.get().instrument.key == "core_follow_up"


def test_the_last_reminder_cuts_it_down_and_what_is_new_makes_it_long(clinic):
    """The engine: silent until the rescue; then another complaint becomes due."""
    complaint = make_complaint(make_patient(clinic))
    survey = ask(complaint)
    first = FollowUp.objects.get(request=survey.request)
    advance(clinic, first.closes_on - timedelta(days=2))
    kinds = set(Message.objects.values_list("kind", flat=True))
    survey.reload()
    assert "rescue" in kinds and survey.request.is_rescue

    with time_machine.travel(at_noon(first.closes_on - timedelta(days=2))):
        other = make_complaint(complaint.patient, pain_site="shoulder")
        plan = make_plan(other, "prp", started_days_ago=35)
        make_performed(plan, days=31)
    advance(clinic, first.closes_on - timedelta(days=1))
    survey.reload()
    assert not survey.request.is_rescue


def at_noon(day):
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def advance(clinic, until):
    """A look a day, as the beat would take more often."""
    now, end = clock.now(), at_noon(until)
    while now < end:
        now = min(now + timedelta(days=1), end)
        with time_machine.travel(now):
            due.advance_due(clinic, now)
