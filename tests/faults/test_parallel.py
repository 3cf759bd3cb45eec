import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from redis import Redis

from clinic import clock
from outcomes import tasks
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import email
from outcomes.follow_ups.engine import standing
from outcomes.models import FollowUp, Link, Message, MessageEvent, SurveyRequest
from tests import factories
from tests.faults.conftest import states

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, act: Callable[[], object]) -> list[object]:
    """Runs the same act in so many threads that start together."""
    start = threading.Barrier(number)
    found: list[object] = []

    def run() -> None:
        start.wait()
        try:
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == number
    return found


@pytest.mark.parametrize("beats", [2, 10])
def test_many_ticks_at_once_ask_once(due_patients, beats):
    due_patients(3)
    at_once(beats, tasks.tick)
    assert Message.objects.count() == Link.objects.count() == 3
    assert SurveyRequest.objects.count() == 3
    assert FollowUp.objects.filter(state=FollowUp.State.OPEN).count() == 3
    assert MessageEvent.objects.count() == 3


def test_ten_workers_on_one_message_send_it_once(due_patients, settings, tmp_path):
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path
    due_patients(1)
    tasks.tick()
    message_id = Message.objects.get().pk
    found = at_once(10, lambda: outbox.deliver(message_id))
    assert sorted(map(str, found)) == ["None"] * 9 + ["accepted"]
    trail = MessageEvent.objects.values_list("state", flat=True)
    assert list(trail) == ["queued", "sending", "accepted"]


def test_each_task_may_run_twice(due_patients, settings, tmp_path):
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path
    due_patients(1)
    for _ in range(2):
        tasks.tick()
        tasks.send_message(str(Message.objects.get().pk))
    assert states() == ["accepted"]
    assert len(list(tmp_path.rglob("*.eml"))) == 1


def test_a_broker_that_lost_everything_delays_by_one_tick(due_patients):
    due_patients(1)
    tasks.tick()
    broker = Redis.from_url(django_settings.REDIS_URL)
    broker.flushdb()
    tasks.tick()
    (bell,) = broker.lrange("mail", 0, -1)
    assert json.loads(bell)["headers"]["expires"]


def test_without_a_broker_the_tick_sends_itself(due_patients, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path
    due_patients(1)
    tasks.tick()
    assert states() == ["accepted"]


def wait_until_somebody_waits() -> None:
    """For a lock; SQLite lets one writer in, and who comes second always waits."""
    if connection.vendor == "sqlite":
        return
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        for _ in range(600):
            # What it showed first, it would show until the transaction ends.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(f"{waiting} AND datname = current_database()")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_staff_and_the_engine_at_one_patient_lock_nobody_up():
    """Both hold the patient first, and only then what is the patient's."""
    complaint = factories.make_complaint(
        factories.make_patient(factories.make_clinic())
    )
    plan = factories.make_plan(complaint, started_days_ago=40)

    def record_the_procedure() -> None:
        try:
            factories.make_performed(plan, days=30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as staff:
        with transaction.atomic():
            standing.hold([complaint.patient_id])
            recorded = staff.submit(record_the_procedure)
            wait_until_somebody_waits()
            plan.episodes.update(facts_due_at=clock.now())
        recorded.result(30)
    assert plan.interventions.get(is_index=True).status == "performed"
