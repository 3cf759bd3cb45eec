"""What a questionnaire chooses beforehand, from the file to the page."""

import json
import re

import pytest

from clinic import clock
from clinic.access import Role
from outcomes.models import Answer
from outcomes.own_instruments import drafts, preview
from outcomes.survey import question_page, questionnaire, submissions
from outcomes.survey.session import SurveySession
from tests import courses, factories
from tests.outcomes import own_questionnaires
from tests.outcomes.own_instruments.brought_files import (
    choice,
    coded,
    definition,
    extended,
    fhir_of,
    question,
    redcap_of,
    refused,
)
from tests.outcomes.own_instruments.corpus import extension, row
from tests.outcomes.own_instruments.test_round_trip import back, out
from tests.outcomes.own_instruments.test_use import use_everywhere

HIDDEN = extension("questionnaire-hidden", valueBoolean=True)
AB = coded("a", "b")


def initial(**value: object) -> dict[str, object]:
    return {"initial": [value]}


def selected(*codes: str) -> dict[str, object]:
    return {
        "answerOption": [
            {**each, "initialSelected": each["valueCoding"]["code"] in codes}
            for each in coded("a", "b", "c")
        ]
    }


CASES = [
    (question("f", "boolean", **initial(valueBoolean=True)), "1"),
    (question("f", "boolean", **initial(valueBoolean=False)), "0"),
    (question("f", "integer", **initial(valueInteger=7)), "7"),
    (question("f", "decimal", **initial(valueDecimal=2.5)), "2.5"),
    (question("f", "quantity", **initial(valueQuantity={"value": 3})), "3"),
    (question("f", "date", **initial(valueDate="2024-05-31")), "2024-05-31"),
    (question("f", "time", **initial(valueTime="08:30:00")), "08:30:00"),
    (question("f", "string", **initial(valueString="red")), "red"),
    (question("f", "text", **initial(valueString="red")), "red"),
    (choice("f", "a", "b", **initial(valueCoding={"code": "b"})), "2"),
    (question("f", "choice", **selected("b")), "2"),
    (question("f", "open-choice", **selected("c")), "3"),
    (
        question(
            "f",
            "choice",
            answerOption=[{"valueInteger": n} for n in (4, 5)],
            **initial(valueInteger=5),
        ),
        "5",
    ),
    (
        question(
            "f",
            "choice",
            answerOption=[{"valueString": s} for s in ("x", "y")],
            **initial(valueString="y"),
        ),
        "2",
    ),
]


@pytest.mark.parametrize(("told", "expected"), CASES)
def test_what_stands_beforehand_is_read_and_written(told, expected):
    found = definition(fhir_of(told))
    assert found.by_link_id["f"].initial == expected
    assert back(out(found)).by_link_id["f"].initial == expected


@pytest.mark.parametrize(
    "told",
    [
        question("f", "choice", repeats=True, **selected("a", "c")),
        choice(
            "f",
            *("a", "b", "c"),
            repeats=True,
            initial=[{"valueCoding": {"code": "a"}}, {"valueCoding": {"code": "c"}}],
        ),
    ],
    ids=["initialSelected", "initial"],
)
def test_boxes_may_be_checked_beforehand(told):
    found = definition(fhir_of(told))
    for each in (found, back(out(found))):
        assert [box.initial for box in each.by_link_id["f"].items] == ["1", "", "1"]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (question("f", "integer", **initial(valueString="7")), "is no answer to it"),
        (question("f", "boolean", **initial(valueInteger=1)), "is no answer to it"),
        (question("f", "string", **initial(valueInteger=1)), "is no answer to it"),
        (question("f", "date", **initial(valueDate="May")), "May is chosen beforehand"),
        (question("f", "time", **initial(valueTime="late")), "late is chosen before"),
        (choice("f", "a", "b", **initial(valueCoding={"code": "z"})), "is no answer"),
        (question("f", "integer", initial=[]), "is not one value"),
        (question("f", "integer", initial=7), "is not one value"),
        (question("f", "date", initial=[{}, {}]), "is not one value"),
        (question("f", "choice", **selected("a", "b")), "more than one option is"),
        (
            {
                **extended("f", "integer", "maxValue", valueInteger=5),
                **initial(valueInteger=6),
            },
            "6 is chosen beforehand, but is no answer to it",
        ),
    ],
)
def test_what_is_no_answer_cannot_stand_beforehand(told, problem):
    found = refused(fhir_of(question("other", "string"), told))
    assert list(found) == ["f"]
    assert problem in found["f"]


@pytest.mark.parametrize(
    ("more", "constant"),
    [({}, None), ({"readOnly": True}, 2), ({"extension": [HIDDEN]}, 2)],
    ids=["asked", "read-only", "hidden"],
)
def test_only_where_nobody_answers_is_it_a_fixed_value(more, constant):
    told = choice("f", "a", "b", **initial(valueCoding={"code": "b"}), **more)
    assert definition(fhir_of(told)).by_link_id["f"].constant == constant


def test_a_checkbox_of_a_dictionary_may_be_checked_beforehand():
    more = {"choices": "1, A | 2, B | 3, C"}
    told = row("f", "checkbox", "Which?", annotation="@DEFAULT='1, 3'", **more)
    boxes = definition(redcap_of(told)).by_link_id["f"].items
    assert [box.initial for box in boxes] == ["1", "", "1"]
    told = row("f", "checkbox", "Which?", annotation="@DEFAULT='9'", **more)
    assert refused(redcap_of(told)) == {"f": "'9' is no choice to begin with"}


# --- On the page ---------------------------------------------------------------------


def chosen(page: bytes) -> list[str]:
    """What the page has checked, or written into its field."""
    text = page.decode()
    checked = re.findall(r'name="answer" value="([^"]*)" checked', text)
    written = re.findall(r'id="answer"[^>]* value="([^"]+)"', text)
    area = re.findall(r"<textarea[^>]*>([^<]+)</textarea>", text)
    return checked + written + area


@pytest.mark.django_db
@pytest.mark.parametrize(("told", "expected"), CASES)
def test_the_preview_shows_it_chosen(told, expected):
    clinic = factories.make_clinic()
    page = preview.first(clinic, definition(fhir_of(told)), "en").content
    # An open choice shows the words of its option.
    assert chosen(page) == ["C" if told["type"] == "open-choice" else expected]


@pytest.mark.django_db
def test_the_preview_shows_boxes_checked_and_nothing_where_nothing_is_chosen():
    clinic = factories.make_clinic()
    boxes = question("f", "choice", repeats=True, **selected("a", "c"))
    page = preview.first(clinic, definition(fhir_of(boxes)), "en").content
    assert chosen(page) == ["f/a", "f/c"]
    plain = definition(fhir_of(choice("f", "a", "b")))
    assert chosen(preview.first(clinic, plain, "en").content) == []


@pytest.fixture
def request_with_initial(db):
    """A survey that asks a clinic's own question with something chosen."""
    complaint = factories.make_complaint(
        factories.make_patient(factories.make_clinic())
    )
    admin = factories.make_user(complaint.clinic, Role.ADMIN)
    told = json.loads(own_questionnaires.CONTENT)
    told["item"][0]["answerOption"][1]["initialSelected"] = True
    content = json.dumps(told).encode()
    (draft,) = drafts.bring(complaint.clinic, content, file_name="x.json", by=admin)
    scores = own_questionnaires.SCORES.encode()
    drafts.set_scores_of_file(draft, scores, by=admin, revision=1)
    instrument = own_questionnaires.publish_draft(draft, by=admin)
    use_everywhere(instrument, by=admin)
    request = courses.asked(complaint, days=90)
    submissions.begin(request, at=clock.now())
    return request


def page_of(request, link_id: str) -> list[str]:
    sheet = questionnaire.read(request)
    (number,) = [
        place
        for place, each in enumerate(sheet.questions, 1)
        if each.item.link_id == link_id
    ]
    held = SurveySession.start(request, at=clock.now())
    return chosen(question_page.render(request, held, sheet, number).content)


def test_the_survey_shows_it_chosen_and_keeps_it_only_once_sent(request_with_initial):
    request = request_with_initial
    assert page_of(request, "up") == ["1"]
    assert not Answer.objects.exists()
    (asked,) = [
        each
        for each in questionnaire.read(request).questions
        if each.item.link_id == "up"
    ]
    given = {"up": 2}
    submissions.save_answer(request, asked, given, language="en", at=clock.now())
    assert page_of(request, "up") == ["2"]
