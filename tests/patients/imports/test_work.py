"""A run in pieces, between workers, stopped, and ended by a fault."""

import logging
from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError

from clinic import audit, clock, pieces
from patients.models import Patient, PatientImport
from patients.record.imports import files, person, runs, tasks, work
from tests.patients.imports.running import (
    HEADER,
    LIST,
    bundle,
    counts,
    fhir_condition,
    fhir_patient,
    mapping_of,
    receive,
    why,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(clinic):
    return confirmed(clinic, LIST)


@pytest.fixture
def rung(monkeypatch, settings):
    """The ids that workers were rung for."""
    settings.REDIS_URL = "redis://nowhere"
    heard = []
    monkeypatch.setattr(
        current_app, "send_task", lambda task, args, **_: heard.append((task, *args))
    )
    return heard


def confirmed(clinic, text):
    run = receive(clinic, text)
    return runs.confirm(run, by=audit.SYSTEM, chosen=mapping_of(run))


def many(number):
    return HEADER + "".join(
        f"A{n},Rosa,Delgado{n},1961-07-02,F,,,en\n" for n in range(number)
    )


def age(run, **fields):
    PatientImport.objects.filter(pk=run.pk).update(**fields)
    run.refresh_from_db()


def test_a_piece_ends_in_time_and_the_next_goes_on(clinic, monkeypatch):
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 2)
    run = confirmed(clinic, many(5))
    assert work.work_off(run.pk, seconds=0)
    run.refresh_from_db()
    assert (run.state, run.done, run.percent) == ("queued", 2, 40)
    assert work.work_off(run.pk, seconds=0)
    assert not work.work_off(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, counts(run)) == ("finished", 5, {"new": 5})


def test_an_mrn_that_stood_in_an_earlier_piece_is_known(clinic, monkeypatch):
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 1)
    run = confirmed(clinic, many(2) + many(1).removeprefix(HEADER))
    while work.work_off(run.pk, seconds=0):
        pass
    assert "stands in row 2 already" in why(run)[4]


def test_a_fhir_file_goes_in_in_pieces_too(clinic, monkeypatch):
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 1)
    run = confirmed(clinic, bundle(fhir_condition(), fhir_patient()))
    pieces = 1
    while work.work_off(run.pk, seconds=0):
        pieces += 1
    run.refresh_from_db()
    assert pieces > 4
    assert run.counts == {"patients": {"new": 1}, "diagnoses": {"new": 1}}


def test_a_run_belongs_to_the_worker_that_claimed_it(queued):
    assert work.claim(queued.pk)
    assert work.claim(queued.pk) is None
    assert not work.work_off(queued.pk)
    assert not Patient.objects.exists()


def test_a_run_whose_worker_is_gone_is_taken_over(queued):
    work.claim(queued.pk)
    age(queued, next_action_at=clock.now() - timedelta(seconds=1))
    work.work_off(queued.pk)
    assert Patient.objects.count() == 3


def test_who_comes_back_late_writes_nothing(queued):
    late = work.claim(queued.pk)
    age(queued, next_action_at=clock.now() - timedelta(seconds=1))
    work.work_off(queued.pk)
    with pytest.raises(pieces.LostClaimError):
        work.take(late, work.source_of(late).steps(skip=0))
    assert Patient.objects.count() == 3


def test_a_run_that_is_stopped_goes_no_further(clinic, monkeypatch):
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 2)
    run = confirmed(clinic, many(5))
    work.work_off(run.pk, seconds=0)
    runs.stop(run, by=audit.SYSTEM)
    assert not work.work_off(run.pk)
    assert Patient.objects.count() == 2
    assert run.state == "stopped"


def test_a_stop_reaches_a_worker_in_the_middle(queued):
    held = work.claim(queued.pk)
    runs.stop(queued, by=audit.SYSTEM)
    with pytest.raises(pieces.LostClaimError):
        work.take(held, work.source_of(held).steps(skip=0))
    assert not Patient.objects.exists()


def test_a_file_that_is_gone_fails_the_run_in_words(queued):
    files.discard(queued)
    assert not work.work_off(queued.pk)
    queued.refresh_from_db()
    assert queued.state == "failed"
    assert "must share the folder" in queued.error


def test_an_error_of_the_program_ends_the_run_and_names_nobody(
    queued, monkeypatch, caplog
):
    def broken(*args, **options):
        raise KeyError("Rosa Delgado")

    monkeypatch.setattr(person, "take", broken)
    with caplog.at_level(logging.INFO):
        tasks.work_off_import(str(queued.pk))
    queued.refresh_from_db()
    assert (queued.state, "KeyError" in queued.error) == ("failed", True)
    assert "Rosa" not in caplog.text + queued.error
    assert str(queued.pk) in caplog.text


def test_a_database_that_is_away_is_waited_for(queued, monkeypatch, caplog, rung):
    def away(*args, **options):
        raise OperationalError("row of Rosa Delgado")

    with monkeypatch.context() as patch:
        patch.setattr(person, "take", away)
        tasks.work_off_import(str(queued.pk))
    queued.refresh_from_db()
    assert queued.state == "running"
    assert "Rosa" not in caplog.text
    runs.tend(queued.clinic, now=clock.now() + timedelta(minutes=2))
    age(queued, next_action_at=clock.now())
    work.work_off(queued.pk)
    assert Patient.objects.count() == 3


def test_the_task_carries_an_id_and_rings_for_the_rest(
    clinic, monkeypatch, rung, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(pieces, "PIECE_SECONDS", 0)
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 2)
    with django_capture_on_commit_callbacks(execute=True):
        run = confirmed(clinic, many(3))
    assert rung == [("patients.work_off_import", str(run.pk))]
    with django_capture_on_commit_callbacks(execute=True):
        tasks.work_off_import(str(run.pk))
    assert rung == [("patients.work_off_import", str(run.pk))] * 2


def test_the_tick_rings_for_what_waits_and_not_for_what_goes_on(
    queued, rung, django_capture_on_commit_callbacks
):
    now = clock.now()
    with django_capture_on_commit_callbacks(execute=True):
        runs.tend(queued.clinic, now=now + timedelta(seconds=1))
    assert rung == [("patients.work_off_import", str(queued.pk))]
    work.claim(queued.pk)
    with django_capture_on_commit_callbacks(execute=True):
        runs.tend(queued.clinic, now=now + timedelta(seconds=30))
    assert len(rung) == 1
    with django_capture_on_commit_callbacks(execute=True):
        runs.tend(queued.clinic, now=now + timedelta(seconds=90))
    assert len(rung) == 2


def test_an_idle_tick_asks_once(clinic, django_assert_num_queries):
    with django_assert_num_queries(1):
        runs.tend(clinic, now=clock.now())


def test_a_rehearsal_counts_the_same_and_writes_nothing(clinic):
    text = bundle(fhir_condition(), fhir_patient(), fhir_condition(code="M54"))
    run = receive(clinic, text)
    tally = work.rehearse(
        files.path_of(run), run.kind, mapping_of(run), clinic=clinic, by=audit.SYSTEM
    )
    assert tally.as_json() == {
        "patients": {"new": 1},
        "diagnoses": {"new": 1, "refused": 1},
    }
    assert not Patient.objects.exists()


def test_a_rehearsal_knows_the_patients_of_batches_before(clinic, monkeypatch):
    monkeypatch.setattr(work, "STEPS_AT_ONCE", 1)
    by_number = fhir_condition(subject="", code="M17.11")
    by_number["subject"] = {"identifier": {"value": "F1"}}
    run = receive(clinic, bundle(fhir_condition(), by_number, fhir_patient()))
    tally = work.rehearse(
        files.path_of(run), run.kind, mapping_of(run), clinic=clinic, by=audit.SYSTEM
    )
    assert tally.as_json()["diagnoses"] == {"new": 2}
