"""LNK-02 to LNK-07 and LNK-09 of the promises about a patient's link; 01, 05 and 08
need a browser or a server (tests/journeys and tests/faults have them).
"""

import base64
import inspect
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import redis
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import links
from outcomes.models import (
    Answer,
    Link,
    Message,
    Response,
    Score,
    StaffTask,
    SurveyRequest,
)
from patients.models import Patient
from tests import answering, factories
from tests.outcomes.survey.conftest import (
    BIRTH_DATE,
    WRONG_DATE,
    Survey,
    ask,
    enter,
    fields,
    fill,
    form_token,
)

LOCKED = "This link is locked"


def body(response) -> str:
    return response.content.decode()


# --- LNK-02 --------------------------------------------------------------------


def expired(survey: Survey) -> None:
    survey.request.links.update(expires_at=clock.now() - timedelta(days=1))


def revoked(survey: Survey) -> None:
    survey.request.links.update(revoked_at=clock.now())


def completed(survey: Survey) -> None:
    fill(enter(survey), survey)


def locked(survey: Survey) -> None:
    SurveyRequest.objects.update(birth_date_tries=SurveyRequest.TRIES)


def withdrawn(survey: Survey) -> None:
    Patient.objects.update(withdrawn_on=clock.today("UTC"))


@pytest.mark.parametrize("fate", [expired, revoked, completed, locked, withdrawn])
@pytest.mark.parametrize("method", ["get", "head"])
def test_lnk_02_opening_never_tells_how_a_link_stands(
    survey, fate, method, django_assert_num_queries
):
    def seen(token: str) -> tuple:
        # The same answer without a look at the database takes the same time, too.
        with django_assert_num_queries(0):
            page = getattr(Client(), method)(f"/s/{token}")
        return page.status_code, page.content, sorted(page.headers.items())

    valid = seen(survey.token)
    others = [seen(token) for token in ("A" * 22, "x", "%F0%9F%92%A9")]
    fate(survey)
    assert {repr(each) for each in [valid, *others, seen(survey.token)]} == {
        repr(valid)
    }


# --- LNK-03 --------------------------------------------------------------------


def another_link(survey: Survey, token: str) -> Survey:
    link = survey.request.links.first()
    link.pk, link._state.adding = None, True
    link.token_sha256 = tokens.sha256_of(token)
    link.save()
    return Survey(survey.request, token)


@pytest.mark.django_db(transaction=True)
def test_lnk_03_of_parallel_wrong_dates_at_most_five_are_compared(survey):
    links = [survey, another_link(survey, "the-reminder")]

    def miss(number: int) -> str:
        """From an address of its own, without a cookie."""
        stranger = Client(REMOTE_ADDR=f"198.51.100.{number}")
        wrong = {**WRONG_DATE, "year": str(1930 + number)}
        try:
            return body(stranger.post(links[number % 2].path, wrong))
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(miss, range(50)))
    compared = AuditEvent.objects.filter(
        action="survey.refused", facts__reason="wrong date of birth"
    )
    assert compared.count() == 5
    assert sum(LOCKED in page for page in pages) == 46
    assert survey.reload().birth_date_tries == 5
    assert StaffTask.objects.filter(reason=StaffTask.Reason.LOCKED).count() == 1
    for link in links:
        patient = Client(REMOTE_ADDR="198.51.100.99")
        assert LOCKED in body(patient.post(link.path, BIRTH_DATE))
        assert not patient.cookies


# --- LNK-04 --------------------------------------------------------------------


def everything_stored() -> str:
    """Each cell of each table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += map(repr, cursor.fetchall())
    return "\n".join(found)


def everything_queued() -> str:
    """Each key with what it holds; a dump would be packed."""
    broker = redis.Redis.from_url(django_settings.REDIS_URL)
    read = {
        b"string": broker.get,
        b"list": lambda key: broker.lrange(key, 0, -1),
        b"hash": broker.hgetall,
        b"set": broker.smembers,
        b"zset": lambda key: broker.zrange(key, 0, -1),
    }
    keys = list(broker.scan_iter())
    return "\n".join(repr((key, read[broker.type(key)](key))) for key in keys)


@pytest.mark.django_db(transaction=True)
def test_lnk_04_neither_database_nor_broker_holds_a_live_token(survey, clinic):
    other = ask(factories.make_complaint(factories.make_patient(clinic)))
    outbox.deliver(survey.request.messages.get().pk)
    links.send_new_link(other.request, by=audit.SYSTEM, now=clock.now())
    phone = enter(survey)
    phone.post("/survey/1/", fields(survey, 1, "4"))
    phone.get("/survey/1/")
    messages = Message.objects.exclude(state=Message.State.CANCELLED)
    live = [tokens.token_for(pk) for pk in messages.values_list("pk", flat=True)]
    assert len(live) == Link.objects.filter(revoked_at=None).count() == 2
    queued, stored = everything_queued(), everything_stored()
    # What is looked at is really there.
    assert "outcomes.send_message" in queued and tokens.sha256_of(live[0]) in stored
    assert not [token for token in live if token in queued or token in stored]


# --- LNK-06 --------------------------------------------------------------------


def test_lnk_06_a_session_opens_nothing_but_its_own_survey(
    survey, clinic, other_clinic
):
    others = [
        ask(factories.make_complaint(factories.make_patient(where)))
        for where in (clinic, other_clinic)
    ]
    phone = enter(survey)
    own = fields(survey, 1, "4")
    for other in others:
        page = phone.post("/survey/1/", {**own, "survey": form_token(other)})
        assert page.status_code == 403
        owned = {**own, "question": "pain_site.knee.right"}
        assert phone.post("/survey/1/", owned).url == "/survey/1/?changed"
    assert not Answer.objects.exists()
    assert Response.objects.filter(request__in=[o.request for o in others]).count() == 0


def test_lnk_06_a_session_is_none_for_staff_pages_and_the_api(survey):
    phone, patient = enter(survey), survey.request.patient_id
    for path in ("/", "/follow-ups/", f"/patients/{patient}/", "/outcomes/"):
        page = phone.get(path)
        assert page.status_code == 302 and page.url.startswith("/sign-in/"), path
    for path in ("/api/v1/patients/", f"/api/v1/patients/{patient}/"):
        assert phone.get(path).status_code in (401, 403), path


def test_lnk_06_a_survey_of_the_same_patient_needs_its_own_link(survey, complaint):
    phone = enter(survey)
    form = fields(survey, 1, "4")
    completed(survey)
    later = ask(complaint, days=95)
    assert later.request != survey.request
    assert "/survey/thank-you/" in phone.post("/survey/1/", form).url
    assert not Answer.objects.filter(response__request=later.request).exists()


# --- LNK-07 --------------------------------------------------------------------


RATED = ("pain_site", "pain_back", "activity_limits", "global_change")


def sealed(survey: Survey) -> dict[str, object]:
    (response,) = Response.objects.filter(request=survey.request)
    assert response.state == Response.State.SEALED
    assert Score.objects.filter(response=response).exists()
    rated = response.answers.filter(link_id__in=RATED)
    said = {answer.link_id: int(answer.value) for answer in rated}
    return said | {"note": response.answers.get(link_id="note").text}


def answer_all_but_the_last(phone: Client, survey: Survey, answer: str) -> int:
    total = survey.sheet.total
    for number, question in enumerate(survey.sheet.questions[:-1], 1):
        given = answer if question.item.is_coded else answering.quiet(question)
        phone.post(f"/survey/{number}/", fields(survey, number, given))
    return total


def test_lnk_07_a_replay_after_an_hour_leads_to_the_same_thank_you(survey):
    first, second = enter(survey), enter(survey)
    last = answer_all_but_the_last(first, survey, "3")
    form = fields(survey, last, "The stairs are hard.", "send")
    thanks = first.post(f"/survey/{last}/", form).url
    with time_machine.travel(clock.now() + timedelta(minutes=20)) as now:
        # A page that was left open, within its half hour and after it.
        other = {**form, "answer": "No, they are not."}
        assert second.post(f"/survey/{last}/", other).url == thanks
        now.shift(timedelta(minutes=40))
        again = Client()
        assert again.post(survey.path, BIRTH_DATE).url == thanks
        assert second.post(f"/survey/{last}/", other).url == thanks
    assert set(sealed(survey).values()) == {3, "The stairs are hard."}


def test_lnk_07_two_phones_end_in_what_was_said_last(survey):
    first, second = enter(survey), enter(survey)
    last = answer_all_but_the_last(first, survey, "3")
    second.post("/survey/1/", fields(survey, 1, "5"))
    first.post("/survey/2/", fields(survey, 2, "4"))
    form = fields(survey, last, "", "send")
    for phone, answer in ((second, "First."), (first, "Second.")):
        page = phone.post(f"/survey/{last}/", {**form, "answer": answer})
        assert "/survey/thank-you/" in page.url
    said = sealed(survey)
    assert (said["pain_site"], said["pain_back"], said["note"]) == (5, 4, "First.")


# --- LNK-09 --------------------------------------------------------------------


def test_lnk_09_tokens_look_like_chance_and_never_meet(settings):
    """Monobit and runs tests of NIST SP 800-22, over 10^6 tokens in a row."""
    settings.LINK_KEY = "so that the figures are the same each time"
    number, seen = 1_000_000, set()
    ones = runs = last = 0
    for n in range(number):
        token = tokens.token_for(UUID(int=n))
        seen.add(token)
        value = int.from_bytes(base64.urlsafe_b64decode(token + "=="))
        ones += value.bit_count()
        # A run ends wherever a bit differs from the one before it.
        runs += (value ^ (value >> 1 | last << 127)).bit_count()
        last = value & 1
    assert len(seen) == number and {len(token) for token in seen} == {22}
    bits = 128 * number
    share = ones / bits
    assert math.erfc(abs(2 * ones - bits) / math.sqrt(2 * bits)) > 0.01
    expected = 2 * bits * share * (1 - share)
    spread = 2 * math.sqrt(2 * bits) * share * (1 - share)
    assert math.erfc(abs(runs - expected) / spread) > 0.01


def test_lnk_09_another_key_makes_another_token(settings):
    """Nothing but the key keeps them secret; the message's id is no secret."""
    message = UUID(int=7)
    first = tokens.token_for(message)
    settings.LINK_KEY = "another"
    assert tokens.token_for(message) != first
    source = inspect.getsource(tokens)
    assert "hmac.new(" in source and "import random" not in source
