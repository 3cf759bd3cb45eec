"""The patient, staff and the engine at one evaluation at the same moment."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from clinic import clock
from outcomes.follow_ups.engine import due
from outcomes.intake import asking
from outcomes.models import Intake, Message
from patients.models import Evaluation
from patients.triage import evaluations
from patients.triage.cells import Entry
from tests.outcomes.intake.conftest import ask, fill, post
from tests.outcomes.survey.conftest import enter

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def together(*jobs) -> list:
    """What each job returned, all begun at once in threads of their own."""

    def closing(job):
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(closing, jobs))


def test_patient_and_staff_save_at_once_and_nothing_is_lost(complaint, physician):
    survey = ask(complaint, physician)
    phone, draft = enter(survey), Evaluation.objects.get()

    def examine() -> None:
        for number in range(ROUNDS):
            entries = {("ankle_jerk", "left"): Entry(str(number % 3))}
            evaluations.record(
                Evaluation.objects.get(pk=draft.pk), by=physician, entries=entries
            )

    def answer() -> None:
        for number in range(ROUNDS):
            post(phone, survey, "pain_now", answer=str(number))

    def tick() -> None:
        for _ in range(ROUNDS):
            due.advance([complaint.patient_id], clock.now())

    together(examine, answer, tick)
    last = ROUNDS - 1
    assert evaluations.values(draft) == {
        ("ankle_jerk", "left"): str(last % 3),
        ("pain_site_now", "none"): str(last),
    }


def test_two_who_ask_at_once_ask_once(complaint, physician, assistant):
    def press(user):
        def job() -> str:
            try:
                return asking.ask(complaint, by=user).state
            except Exception as error:
                return str(error)

        return job

    told = together(press(physician), press(assistant))
    assert told.count("asked") == 1
    assert Intake.objects.count() == Message.objects.count() == 1


def test_signing_and_sending_at_once_end_it_once(complaint, physician):
    survey = ask(complaint, physician)
    phone, draft = enter(survey), Evaluation.objects.get()
    post(phone, survey, "pain_now", answer="6")

    def sign() -> None:
        evaluations.sign(Evaluation.objects.get(pk=draft.pk), by=physician)

    def send() -> None:
        # The evaluation may be signed while the patient is at it.
        with contextlib.suppress(AssertionError, StopIteration, IndexError):
            fill(phone, survey)

    together(sign, send)
    assert Intake.objects.get().state == Intake.State.REVIEWED
    assert Evaluation.objects.get().state == Evaluation.State.SIGNED
