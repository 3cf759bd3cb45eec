"""While the database is away, nobody is told that something of ours broke."""

import pytest
from django.db import connection
from django.test import Client

from tests.faults import servers

REFUSED = servers.postgresql_at(1)
NO_FILE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/no/such/folder/db"}


@pytest.fixture(params=[REFUSED, NO_FILE], ids=["refused", "no file"])
def away(request, db):
    with servers.using(request.param):
        yield


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", ["/healthz", "/healthz/scheduler"])
def test_a_page_says_that_it_passes(away, visitor, path):
    reply = visitor.get(path)
    assert (reply.status_code, reply["Retry-After"]) == (503, "10")
    assert "out of reach" in reply.content.decode()


def test_a_patient_who_confirms_who_they_are_is_told_the_same(away, visitor):
    birth_date = {"day": "14", "month": "3", "year": "1957"}
    assert visitor.post("/s/some-token", birth_date).status_code == 503


def test_who_is_signed_in_is_told_the_same(signed_in, away):
    signed_in.raise_request_exception = False
    assert signed_in.get("/").status_code == 503
    reply = signed_in.get("/api/v1/patients/")
    assert (reply.status_code, reply["Retry-After"]) == (503, "10")
    assert "away" in reply.json()["detail"]


def test_a_fault_of_ours_is_called_one(db, visitor, clinic):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outcomes_schedulertick RENAME TO elsewhere")
    assert visitor.get("/healthz/scheduler").status_code == 500
