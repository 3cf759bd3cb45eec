"""Two that write to one SQLite file: the second waits until it is its turn."""

import sqlite3
import threading
from datetime import date

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from clinic.models import Clinic
from patients.models import Patient
from tests import factories

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.IS_SQLITE, reason="PostgreSQL locks rows"),
]


@pytest.fixture
def other():
    """Somebody else who writes to the same file."""
    opened = sqlite3.connect(
        connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False
    )
    yield opened
    opened.close()


def test_it_begins_once_the_other_is_done(other, clinic):
    other.execute("BEGIN IMMEDIATE")
    ended = threading.Timer(0.2, other.execute, ["COMMIT"])
    ended.start()
    with transaction.atomic():
        Clinic.objects.update(name="After the other")
    ended.join()
    assert Clinic.objects.get().name == "After the other"


def test_a_wait_that_is_too_long_is_an_error(other, clinic, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        Clinic.objects.update(name="Never")
    other.execute("ROLLBACK")
    with transaction.atomic():
        Clinic.objects.update(name="Now")


def test_single_statements_keep_their_wait(other, clinic):
    """Outside a transaction SQLite itself waits, as it is told for each connection."""
    with transaction.atomic():
        pass
    with connection.cursor() as cursor:
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    assert waits == settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000


def test_keys_and_days_come_back_as_they_were(clinic):
    patient = factories.make_patient(clinic, birth_date=date(1960, 2, 29))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM patients_patient")
        assert cursor.fetchone() == (patient.pk.hex,)
    row = Patient.objects.values_list("pk", "birth_date", "merged_into").get()
    assert row == (patient.pk, date(1960, 2, 29), None)
