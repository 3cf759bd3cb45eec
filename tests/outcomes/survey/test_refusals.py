"""What is refused on a patient's address is said on a page for patients."""

import pytest
from django.db import OperationalError
from django.test import Client

from outcomes.survey import pages, texts
from tests import reading
from tests.outcomes.survey.conftest import BIRTH_DATE, enter

pytestmark = pytest.mark.django_db
UNKNOWN = "x" * 22
LINKS = [f"/{way}/{UNKNOWN}" for way in ("s", "d", "stop")]
# They read a form whoever sends it; the others refuse a stranger before that.
READING = [*LINKS, "/survey/1/", "/tablet/new/"]
OTHERS = ["/me/", "/me/settings/", "/diary/", "/tablet/code/"]
TOO_LONG = {"answer": "a" * 3_000_000}
TOO_MANY = {f"f{number}": "1" for number in range(2_000)}
NEW_TEXTS = ("unreadable_heading", "unreadable_text", "broken_heading", "broken_text")


def assert_is_for_patients(response, status: int) -> str:
    text = response.content.decode()
    assert response.status_code == status
    assert "Emergency? Call 911." in text and "¿Emergencia? Llame al 911." in text
    assert 'href="tel:911"' in text
    assert '<section class="notice" lang="es">' in text
    assert "sign-in" not in text
    for name, value in pages.HEADERS.items():
        assert response[name] == value
    assert int(response["Content-Length"]) == len(response.content)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    return text


@pytest.mark.parametrize("address", READING)
@pytest.mark.parametrize("sent", [TOO_LONG, TOO_MANY])
def test_more_than_a_form_can_hold(address, sent, client):
    reply = client.post(
        address,
        "&".join(f"{k}={v}" for k, v in sent.items()),
        content_type="application/x-www-form-urlencoded",
    )
    assert "We could not use this" in assert_is_for_patients(reply, 400)


@pytest.mark.parametrize("address", READING)
def test_a_form_that_is_broken(address, client):
    reply = client.post(address, b"nothing of the kind", "multipart/form-data")
    assert "We could not use this" in assert_is_for_patients(reply, 400)


@pytest.mark.parametrize("address", [*READING, *OTHERS])
def test_a_way_of_asking_that_no_page_has(address, client):
    reply = client.put(address)
    assert "This link is not open" in assert_is_for_patients(reply, 405)
    assert reply["Allow"]


@pytest.mark.parametrize(
    "address",
    ["/s/", "/s", "/s/a/b", "/survey/no/", "/me/no/", "/d/", "/stop/", "/tablet/no/"],
)
def test_an_address_that_leads_nowhere(address, client):
    assert_is_for_patients(client.get(address), 404)


def test_a_staff_address_keeps_its_own_page(client, admin):
    client.force_login(admin)
    for address in ("/survey-requests/", "/tablets/no/", "/nowhere/"):
        reply = client.get(address)
        assert reply.status_code == 404
        assert "Nothing here" in reply.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("x"), 500), (OperationalError("x"), 503)]
)
def test_what_breaks_on_our_side(survey, monkeypatch, error, status):
    client = enter(survey, Client(raise_request_exception=False))

    def breaks(*args, **more):
        raise error

    # The database going away in the middle, which no test can do to itself.
    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", breaks)
    text = assert_is_for_patients(client.get("/survey/1/"), status)
    assert "Something went wrong on our side" in text


@pytest.mark.parametrize("way", ["s", "d", "stop"])
def test_a_slash_at_the_end_opens_the_same_page(way, client):
    plain = client.get(f"/{way}/{UNKNOWN}")
    slashed = client.get(f"/{way}/{UNKNOWN}/")
    assert (plain.status_code, slashed.status_code) == (200, 200)
    assert plain.content == slashed.content


def test_with_a_slash_no_link_tells_whether_it_is_open(survey, client):
    for ask in (client.get, client.head):
        ours, nobodys = ask(f"{survey.path}/"), ask(f"/s/{UNKNOWN}/")
        assert ours.content == nobodys.content
        assert dict(ours.items()) == dict(nobodys.items())
    assert client.post(f"{survey.path}/", BIRTH_DATE).url == "/survey/"


@pytest.mark.parametrize("key", NEW_TEXTS)
def test_its_words_are_plain(key):
    assert reading.grade(texts.say(key, "en")) <= 6
    assert reading.spanish_ease(texts.say(key, "es")) >= 70
