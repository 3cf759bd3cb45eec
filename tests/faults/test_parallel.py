import json
import threading
from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.db import connection
from redis import Redis

from outcomes import tasks
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import email
from outcomes.models import FollowUp, Link, Message, MessageEvent, SurveyRequest
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
