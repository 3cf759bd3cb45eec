"""A question that must be answered, in a group that is not always asked."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.access import Role
from outcomes.in_clinic import entering
from outcomes.models import Answer, Response, Score, SurveyRequest
from outcomes.own_instruments import drafts
from tests import answering, factories
from tests.outcomes import own_questionnaires
from tests.outcomes.own_instruments.brought_files import question
from tests.outcomes.own_instruments.test_use import use_everywhere
from tests.outcomes.survey.conftest import ask, enter, fields

FELL = {"question": "fell", "operator": "=", "answerBoolean": True}
HURT = {"question": "hurt", "operator": "=", "answerBoolean": True}
NIGHTS = question("nights", "integer", required=True)
AFTER = question("after", "boolean", required=True, enableWhen=[HURT])
GROUP = question("falls", "group", enableWhen=[FELL])
GROUP["item"] = [question("hurt", "boolean", required=True), NIGHTS]
CONTENT = {
    "resourceType": "Questionnaire",
    "language": "en",
    "name": "falls",
    "title": "Falls",
    "item": [question("fell", "boolean", required=True), GROUP, AFTER],
}
SCORES = b"""
[[scores]]
key = "nights"
name = "Nights"
method = "sum"
items = ["nights"]
minimum = 0
maximum = 99
better_is = "lower"
"""


@pytest.fixture
def survey(complaint):
    """A survey that asks for it beside what ships."""
    admin = factories.make_user(complaint.clinic, Role.ADMIN)
    content = json.dumps(CONTENT).encode()
    (draft,) = drafts.bring(complaint.clinic, content, file_name="x.json", by=admin)
    draft = drafts.set_scores_of_file(draft, SCORES, by=admin, revision=draft.revision)
    use_everywhere(own_questionnaires.publish_draft(draft, by=admin), by=admin)
    return ask(complaint, days=90)


def answer(client, survey, **own: str) -> str:
    """All questions in their turn, the own ones as told; returns where it leads."""
    number, led = 0, ""
    while number < survey.sheet.total:
        number += 1
        one = survey.sheet.questions[number - 1]
        given = own[one.item.link_id] if one.family else answering.quiet(one)
        # What is asked because of the last answer comes after it.
        go = "send" if number == survey.sheet.total else "next"
        page = client.post(f"/survey/{number}/", fields(survey, number, given, go))
        led = page.get("Location", "")
        if is_completed(survey):
            break
    return led


def own_answers() -> dict[str, Decimal | None]:
    rows = Answer.objects.filter(response__instrument__key="falls")
    return dict(rows.values_list("link_id", "value"))


def is_completed(survey) -> bool:
    return survey.reload().state == SurveyRequest.State.COMPLETED


def number_of(survey, link_id: str) -> int:
    links = [each.item.link_id for each in survey.sheet.questions]
    return links.index(link_id) + 1


def test_what_a_group_that_is_not_asked_demands_blocks_nobody(survey):
    answer(enter(survey), survey, fell="0")
    assert is_completed(survey)
    assert own_answers() == {"fell": 0}
    assert not Score.objects.filter(measure__key="falls_nights").exists()


def test_what_a_group_that_is_asked_demands_must_be_answered(survey):
    client = enter(survey)
    assert answer(client, survey, fell="1", hurt="0", nights="") == ""
    assert not is_completed(survey)
    led = client.get("/survey/").url
    assert led == f"/survey/{number_of(survey, 'nights')}/"
    assert answer(client, survey, fell="1", hurt="0", nights="3")
    assert is_completed(survey)
    assert Score.objects.get(measure__key="falls_nights").value == 3


def test_an_answer_of_a_group_that_is_not_asked_any_more_asks_nothing(survey):
    client = enter(survey)
    for link_id, given in (("fell", "1"), ("hurt", "1"), ("nights", "3")):
        number = number_of(survey, link_id)
        client.post(f"/survey/{number}/", fields(survey, number, given))
    assert "after" in [each.item.link_id for each in survey.sheet.questions]
    number = number_of(survey, "fell")
    client.post(f"/survey/{number}/", fields(survey, number, "0"))
    links = {each.item.link_id for each in survey.sheet.questions}
    assert not links & {"hurt", "nights", "after"}
    answer(client, survey, fell="0")
    assert is_completed(survey)
    assert not Score.objects.filter(measure__key="falls_nights").exists()


# --- As staff enter it ---------------------------------------------------------------


def typed(survey, **own: str) -> dict[str, object]:
    asked = entering.questions(survey.request.follow_ups.get())
    said = {
        each.key: own.get(each.item.link_id, "")
        if each.family
        else answering.quiet(each)
        for each in asked
    }
    return {"how": "kiosk", "who": "patient", "language": "en", **said}


@pytest.mark.parametrize(
    ("own", "missing"),
    [
        ({"fell": "0"}, []),
        ({"fell": "1", "hurt": "0", "nights": "3"}, []),
        ({"fell": "1", "hurt": "1", "nights": "3", "after": "0"}, []),
        ({}, ["falls.fell"]),
        ({"fell": "1"}, ["falls.hurt", "falls.nights"]),
        ({"fell": "1", "hurt": "0"}, ["falls.nights"]),
        ({"fell": "1", "hurt": "1", "nights": "3"}, ["falls.after"]),
    ],
    ids=str,
)
def test_staff_must_enter_what_is_asked_and_nothing_else(
    survey, physician, client, own, missing
):
    follow_up = survey.request.follow_ups.get()
    client.force_login(physician)
    page = client.post(
        reverse("outcomes:enter_answers", args=[follow_up.pk]), typed(survey, **own)
    )
    if not missing:
        assert page.status_code == 302
        assert own_answers() == {k: Decimal(v) for k, v in own.items()}
        return
    assert sorted(page.context["form"].errors) == missing
    assert not Response.objects.filter(state=Response.State.SEALED).exists()
