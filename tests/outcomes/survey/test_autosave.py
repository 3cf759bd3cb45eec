from datetime import timedelta

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.test import Client

from clinic import clock
from outcomes.models import Answer, Response, SurveyRequest
from outcomes.survey import session
from patients.models import RedFlag
from tests import answering
from tests.outcomes.survey.conftest import Survey, enter, fields

Reply = tuple[int, str]


@pytest.fixture
def phone(survey: Survey) -> Client:
    return enter(survey)


def tap(phone: Client, survey: Survey, number: int, answer: str, **more: object):
    """What the script sends when an answer is chosen."""
    form = {**fields(survey, number, answer), "autosave": "1", **more}
    if "go" not in more:
        del form["go"]
    return phone.post(f"/survey/{number}/", form)


def tap_all(phone: Client, survey: Survey) -> None:
    for number, question in enumerate(survey.sheet.questions, 1):
        tap(phone, survey, number, answering.quiet(question))


def stored(survey: Survey) -> dict[str, int]:
    rows = Answer.objects.filter(response__request=survey.request)
    rated = rows.exclude(value=None)
    return {link: int(value) for link, value in rated.values_list("link_id", "value")}


def showing(name: str, tap: int, base: int = 0, **more: object) -> dict:
    return {"showing": name, "tap": tap, "base": base, **more}


def test_a_tap_is_kept_and_moves_nobody(phone, survey):
    reply = tap(phone, survey, 1, "4")
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply["Cache-Control"] == "no-store"
    assert stored(survey) == {"pain_site": 4}
    assert reply.cookies[session.cookie_name()].value


def test_a_button_is_told_where_it_leads(phone, survey):
    reply = tap(phone, survey, 1, "4", go="next")
    assert reply.json() == {"to": "/survey/2/"}
    assert tap(phone, survey, 2, "3", go="back").json() == {"to": "/survey/1/"}


def test_the_last_tap_alone_sends_nothing(phone, survey):
    tap_all(phone, survey)
    assert Response.objects.get().state == Response.State.OPEN
    reply = tap(phone, survey, survey.sheet.total, "", go="send")
    assert "/survey/thank-you/" in reply.json()["to"]
    assert survey.reload().state == SurveyRequest.State.COMPLETED


def test_what_is_no_answer_is_not_kept_and_leads_nowhere(phone, survey):
    assert tap(phone, survey, 1, "99").json() == {"refused": True}
    assert tap(phone, survey, 1, "", go="next").json() == {"refused": True}
    assert stored(survey) == {}


@pytest.mark.parametrize("again", ["", "1"])
def test_an_answer_that_was_held_up_replaces_no_later_one(phone, survey, again):
    tap(phone, survey, 1, "7", **showing("a", 2))
    late = tap(phone, survey, 1, "4", **showing("a", 1, again=again))
    assert late.status_code == 204
    assert stored(survey) == {"pain_site": 7}


def test_the_same_tap_twice_is_one(phone, survey):
    for _ in range(2):
        assert tap(phone, survey, 1, "4", **showing("a", 1)).status_code == 204
    assert stored(survey) == {"pain_site": 4}


def test_what_is_sent_again_gives_way_to_what_was_said_elsewhere(phone, survey):
    other = enter(survey)
    tap(phone, survey, 1, "4", **showing("a", 1))
    tap(other, survey, 1, "6", **showing("b", 1, base=1))
    late = tap(phone, survey, 1, "4", **showing("a", 1, again="1"))
    assert late.status_code == 409
    assert stored(survey) == {"pain_site": 6}


def test_what_is_said_here_now_counts_though_another_phone_answered(phone, survey):
    other = enter(survey)
    tap(other, survey, 1, "6", **showing("b", 1))
    assert tap(phone, survey, 1, "4", **showing("a", 1)).status_code == 204
    assert stored(survey) == {"pain_site": 4}


def test_a_page_without_script_is_never_late(phone, survey):
    tap(phone, survey, 1, "4", **showing("a", 5))
    form = {**fields(survey, 1, "8"), "showing": "a", "base": "0"}
    phone.post("/survey/1/", form)
    assert stored(survey) == {"pain_site": 8}


def test_a_page_says_how_often_its_question_was_answered(phone, survey):
    assert 'name="base" value="0"' in phone.get("/survey/1/").content.decode()
    tap(phone, survey, 1, "4", **showing("a", 1))
    assert 'name="base" value="1"' in phone.get("/survey/1/").content.decode()
    assert 'name="base" value="0"' in phone.get("/survey/2/").content.decode()


@pytest.mark.parametrize("stamp", [{"tap": "9" * 40}, {"base": "x"}, {"showing": "<"}])
def test_a_stamp_that_is_none_harms_nobody(phone, survey, stamp):
    assert tap(phone, survey, 1, "4", **stamp).status_code == 204


def test_a_session_that_ran_out_says_so_and_the_tap_can_come_again(survey):
    with time_machine.travel(clock.now()) as now:
        phone = enter(survey)
        sent = {**fields(survey, 1, "4"), **showing("a", 1), "autosave": "1"}
        del sent["go"]
        now.shift(timedelta(minutes=31))
        assert phone.post("/survey/1/", sent).status_code == 403
        enter(survey, phone)
        again = phone.post("/survey/1/", {**sent, "again": "1"})
        assert again.status_code == 204
    assert stored(survey) == {"pain_site": 4}


def test_after_the_end_a_tap_leads_to_the_thank_you(phone, survey):
    form = fields(survey, 1, "9")
    other = enter(survey)
    tap_all(phone, survey)
    tap(phone, survey, survey.sheet.total, "", go="send")
    reply = other.post("/survey/1/", {**form, "autosave": "1"})
    assert "/survey/thank-you/" in reply.json()["to"]
    assert stored(survey)["pain_site"] == 0


def test_the_script_is_small_and_speaks_to_old_phones():
    with open(finders.find("outcomes/survey.js")) as file:
        script = file.read()
    assert len(script.encode()) < 6_144
    for new in (
        "=>",
        "let ",
        "const ",
        "`",
        "fetch(",
        "async ",
        "localStorage",
        "Date",
    ):
        assert new not in script, new


def test_boxes_that_are_still_being_ticked_answer_for_no_other(phone, survey):
    number = [q.item.link_id for q in survey.sheet.questions].index("safety") + 1
    tap(phone, survey, number, ["rf05"])
    assert stored(survey) == {"rf05": 1}
    assert survey.sheet.first_unanswered == 1
    tap(phone, survey, number, ["rf03"])
    assert stored(survey) == {"rf05": 0, "rf03": 1}
    tap(phone, survey, number, ["rf03"], go="next")
    assert stored(survey)["rf01"] == 0 and stored(survey)["rf03"] == 1


def test_what_cannot_wait_is_told_at_once_and_told_once(phone, survey):
    number = [q.item.link_id for q in survey.sheet.questions].index("safety") + 1
    urgent = f"/survey/{number}/urgent/"
    told = tap(phone, survey, number, ["rf02"]).json()
    assert told["urgent"] == urgent and "may need care right now" in told["say"]
    page = phone.get(urgent).content.decode()
    assert "Do not wait for our answer" in page and "tel:911" in page
    again = tap(phone, survey, number, ["rf02"], go="next")
    assert again.json() == {"to": f"/survey/{number + 1}/"}
    assert RedFlag.objects.get().flag == "RF02"


def test_what_cannot_wait_is_told_again_to_whom_no_reply_came(phone, survey):
    number = [q.item.link_id for q in survey.sheet.questions].index("safety") + 1
    tap(phone, survey, number, ["rf02"], **showing("a", 1))
    told = tap(phone, survey, number, ["rf02"], **showing("a", 1, again="1"))
    assert told.json()["urgent"] == f"/survey/{number}/urgent/"
    assert RedFlag.objects.get().flag == "RF02"
