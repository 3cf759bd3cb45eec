"""Many schedulers, or none for a while: each message goes once."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models import F

from clinic import clock
from outcomes import tasks
from outcomes.follow_ups.channels import email
from outcomes.models import FollowUp, Message, SchedulerTick, SendingPause
from tests.faults import programs
from tests.faults.conftest import states

pytestmark = pytest.mark.django_db(transaction=True)
BEATS = int(os.environ.get("FAULT_BEATS", "2"))
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start_beat(tmp_path) -> Iterator[Start]:
    """Starts real schedulers that ring each second, each with a file of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(programs.beat(tmp_path, f"schedule-{len(started)}"))
        return started[-1]

    yield start
    for beat in started:
        programs.kill(beat)


def wait_until(is_done: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, states()
        time.sleep(0.2)


def test_several_schedulers_send_each_message_once(
    start_worker, start_beat, due_patients, sink
):
    due_patients(10)
    start_worker(EMAIL_URL=sink.url)
    for _ in range(BEATS):
        start_beat()
    wait_until(lambda: states() == ["accepted"] * 10)
    ticks = SchedulerTick.objects.get(job="tick").began_at
    wait_until(lambda: SchedulerTick.objects.get(job="tick").began_at > ticks)
    assert Counter(Counter(sink.accepted).values()) == {1: 10}
    assert Message.objects.count() == 10


def test_after_two_hours_without_a_scheduler_all_goes_out_once(
    due_patients, settings, tmp_path
):
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = email.MAILBOX
    settings.MAILBOX_DIR = tmp_path
    tasks.tick()
    two_hours = timedelta(hours=2)
    SchedulerTick.objects.update(
        began_at=F("began_at") - two_hours,
        ended_at=F("ended_at") - two_hours,
        uptime=F("uptime") - two_hours.total_seconds(),
    )
    due_patients(20)
    FollowUp.objects.filter(next_action_at__lte=clock.now()).update(
        next_action_at=clock.now() - two_hours
    )
    for _ in range(2):
        tasks.tick()
    assert not SendingPause.objects.exists()
    assert states() == ["accepted"] * 20
    assert len(list(tmp_path.rglob("*.eml"))) == 20
