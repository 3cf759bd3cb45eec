"""An import of patients survives kill -9 of the command and of the worker."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection

from clinic import audit, clock
from clinic.models import AuditEvent
from config.run import IMPORTS
from patients.models import Patient, PatientImport
from patients.record.imports import runs, work
from tests import factories
from tests.faults.programs import database_url, kill
from tests.patients.imports.running import HEADER, mapping_of, receive

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = 200


def rows(number: int = NUMBER) -> str:
    return HEADER + "".join(
        f"A{n},Rosa,Delgado{n},1961-07-02,F,r{n}@example.org,,en\n"
        for n in range(number)
    )


def until(is_so: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_whole(run: PatientImport) -> None:
    """What is in is what the run says is in; one query, so of one moment."""
    found = PatientImport.objects.filter(pk=run.pk).extra(
        select={"people": "SELECT COUNT(*) FROM patients_patient"}
    )
    done, counts, people = found.values_list("done", "counts", "people").get()
    assert counts.get("patients", {}).get("new", 0) == people
    assert done == people


def test_a_command_killed_in_the_middle_is_completed_by_the_next(tmp_path):
    clinic = factories.make_clinic()
    path = tmp_path / "list.csv"
    path.write_text(rows())
    doomed = subprocess.Popen(
        [sys.executable, "manage.py", "import_patients", str(path)]
        + ["--clinic", clinic.slug],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdout=subprocess.DEVNULL,
    )
    until(Patient.objects.exists)
    doomed.kill()
    doomed.wait()
    run = PatientImport.objects.get()
    assert_whole(run)
    assert Patient.objects.count() < NUMBER

    call_command("import_patients", str(path), "--clinic", clinic.slug)
    assert Patient.objects.count() == NUMBER
    # A worker finds the killed run too, once nobody holds it, and does no harm.
    PatientImport.objects.filter(pk=run.pk).update(next_action_at=clock.now())
    work.work_off(run.pk)
    run.refresh_from_db()
    assert run.state == "finished"
    assert sum(run.counts["patients"].values()) == NUMBER
    assert Patient.objects.count() == NUMBER


def test_a_worker_killed_in_the_middle_is_followed_by_another(start_worker):
    clinic = factories.make_clinic()
    run = receive(clinic, rows())
    doomed = start_worker(*IMPORTS)
    runs.confirm(run, by=audit.SYSTEM, chosen=mapping_of(run))
    until(Patient.objects.exists)
    kill(doomed)
    assert_whole(run)

    PatientImport.objects.filter(pk=run.pk).update(next_action_at=clock.now())
    start_worker(*IMPORTS)
    runs.tend(clinic, now=clock.now())
    until(lambda: PatientImport.objects.get(pk=run.pk).state == "finished")
    run.refresh_from_db()
    assert run.counts == {"patients": {"new": NUMBER}}
    registered = AuditEvent.objects.filter(action="patient.registered")
    assert (Patient.objects.count(), registered.count()) == (NUMBER, NUMBER)


def test_two_workers_at_once_register_everybody_once():
    clinic = factories.make_clinic()
    run = receive(clinic, rows(100))
    runs.confirm(run, by=audit.SYSTEM, chosen=mapping_of(run))

    def in_turns() -> None:
        while work.work_off(run.pk, seconds=0.05):
            pass
        connection.close()

    both = [threading.Thread(target=in_turns) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    while work.work_off(run.pk):
        pass
    run.refresh_from_db()
    assert (run.state, run.counts) == ("finished", {"patients": {"new": 100}})


def test_pages_are_saved_while_a_list_goes_in():
    """On SQLite each waits for the other; nobody may wait for the whole list."""
    clinic = factories.make_clinic()
    run = receive(clinic, rows(100))
    runs.confirm(run, by=audit.SYSTEM, chosen=mapping_of(run))

    def go_in() -> None:
        work.work_off(run.pk)
        connection.close()

    importing = threading.Thread(target=go_in)
    importing.start()
    until(Patient.objects.exists)
    longest = 0.0
    while importing.is_alive():
        began = time.monotonic()
        factories.make_patient(clinic)
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.2)
    importing.join()
    assert longest < 10
