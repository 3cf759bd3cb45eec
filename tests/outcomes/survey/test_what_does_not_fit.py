"""A text that is too long, and a question that is not asked, are named as such."""

import pytest
from django.test import Client

from outcomes.models import Answer
from outcomes.survey import texts
from tests import reading
from tests.outcomes.survey.conftest import Survey, enter, fields

LIMIT = 2_000
MEGABYTE = "ab" * 500_000


@pytest.fixture
def phone(survey: Survey) -> Client:
    return enter(survey)


def note(survey: Survey) -> int:
    keys = [question.key for question in survey.sheet.questions]
    return keys.index("note") + 1


def post(phone: Client, survey: Survey, words: str, go: str = "next", **more: str):
    number = note(survey)
    form = fields(survey, number, words, go) | more
    return phone.post(f"/survey/{number}/", form)


def is_kept(words: str) -> bool:
    return Answer.objects.filter(text=words).exists()


def test_a_text_that_is_too_long_says_how_long_and_what_fits(phone, survey):
    reply = post(phone, survey, MEGABYTE)
    page = reply.content.decode()
    assert "That is too long: 1,000,000 characters. At most 2,000 fit here." in page
    assert "We kept the first part below. Please check how it ends." in page
    assert f">{MEGABYTE[:LIMIT]}</textarea>" in page
    assert len(reply.content) < 8_000
    assert not is_kept(MEGABYTE[:LIMIT])


def test_it_says_so_in_spanish(phone, survey):
    phone.get("/survey/1/?language=es")
    page = post(phone, survey, "ñ" * (LIMIT + 1)).content.decode()
    assert "Es muy largo: 2,001 letras. Aquí caben 2,000." in page
    assert "Abajo está la primera parte." in page


def test_the_longest_that_fits_is_kept(phone, survey):
    words = "ñ\n" * (LIMIT // 2 - 1) + "ñ!"
    assert post(phone, survey, words.replace("\n", "\r\n")).status_code == 302
    assert is_kept(words)


def test_what_is_too_long_is_not_dropped_on_the_way_back(phone, survey):
    page = post(phone, survey, MEGABYTE, "back").content.decode()
    assert "1,000,000 characters" in page
    back = post(phone, survey, MEGABYTE[:LIMIT], "back")
    assert back.url == f"/survey/{note(survey) - 1}/"
    assert is_kept(MEGABYTE[:LIMIT])


def test_a_script_is_told_that_it_was_refused_on_the_way_back(phone, survey):
    reply = post(phone, survey, MEGABYTE, "back", autosave="1")
    assert reply.json() == {"refused": True}


@pytest.mark.parametrize("asked", ["total", "", "pain_site.knee.left"])
@pytest.mark.parametrize("number", [1, 99])
def test_a_question_that_is_not_asked_is_said_to_have_changed(
    phone, survey, asked, number
):
    form = fields(survey, 1, "4") | {"question": asked}
    reply = phone.post(f"/survey/{number}/", form)
    assert reply.url == "/survey/1/?changed"
    told = phone.post(f"/survey/{number}/", form | {"autosave": "1"}).json()
    assert told == {"to": "/survey/1/?changed"}
    page = phone.get(reply.url).content.decode()
    assert 'role="alert">These questions have changed.' in page
    assert not Answer.objects.exclude(value=None).exists()


@pytest.mark.parametrize("key", ["changed", "cut", "text_long"])
def test_its_words_are_plain(key):
    sizes = {"length": 2001, "limit": 2000}
    assert reading.grade(texts.say(key, "en", **sizes)) <= 6
    assert reading.spanish_ease(texts.say(key, "es", **sizes)) >= 70
