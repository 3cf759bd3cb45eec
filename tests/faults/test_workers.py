import time
from collections import Counter
from collections.abc import Callable

import pytest
from celery import current_app
from django.conf import settings
from redis import Redis

from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.engine import due
from outcomes.models import Link, Message, MessageEvent, SurveyRequest
from patients.models import Patient
from tests.faults import worker_kills
from tests.faults.conftest import states
from tests.faults.programs import SLOW_RECORDING, kill
from tests.outcomes.follow_ups import numbers, sms_sink

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = {"MESSAGE_LEASE_SECONDS": "4"}


def tick_until(is_done: Callable[[], bool], seconds: float = 60) -> None:
    """What the beat does, as fast as the workers keep up."""
    broker = Redis.from_url(settings.REDIS_URL)
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, states()
        if not broker.llen("celery"):
            current_app.send_task("outcomes.tick", ignore_result=True)
        time.sleep(0.2)


def test_a_worker_killed_while_sending_loses_nothing(start_worker, due_patients, sink):
    due_patients(1)
    sink.mood = "hang"
    worker = start_worker(EMAIL_URL=sink.url, **LEASE)
    tick_until(sink.stalled.is_set)
    kill(worker)
    assert states() == ["sending"]

    sink.mood = "accept"
    start_worker(EMAIL_URL=sink.url, **LEASE)
    tick_until(lambda: states() == ["accepted"])
    assert len(sink.accepted) == 1
    assert SurveyRequest.objects.count() == Link.objects.count() == 1
    trail = list(MessageEvent.objects.values_list("state", flat=True))
    assert trail == [
        *("queued", "sending", "uncertain"),
        *("queued", "sending", "accepted"),
    ]


def test_a_kill_at_any_moment_loses_nothing(start_worker, due_patients, sink):
    due_patients(20)
    doomed = start_worker(EMAIL_URL=sink.url, **LEASE)
    tick_until(lambda: len(sink.accepted) > 4)
    kill(doomed)
    start_worker(EMAIL_URL=sink.url, **LEASE)
    tick_until(lambda: states() == ["accepted"] * 20)
    copies = Counter(sink.accepted)
    assert set(copies) == {
        f"<{pk}@localhost>" for pk in Message.objects.values_list("pk", flat=True)
    }
    # It sends two at a time; those that were under way may have gone twice.
    assert sum(copies.values()) <= 20 + 2


def test_a_mail_server_that_never_answers_holds_up_no_tick(
    start_worker, due_patients, sink
):
    due_patients(5)
    sink.mood = "hang at once"
    start_worker("--queues=mail", "--pool=threads", EMAIL_URL=sink.url)
    start_worker("--queues=celery", "--concurrency=1", EMAIL_URL=sink.url)
    tick_until(sink.stalled.is_set)
    due_patients(1)
    tick_until(lambda: len(states()) == 6, seconds=10)
    assert "accepted" not in states()


def test_workers_killed_right_before_they_record_lose_nothing():
    """With 50 ms between the mail server's yes and our record, where kills hurt."""
    size = {"due": 8, "kills": 2, "clinics": 1, "workers": 2, "lease": 4}
    outcome = worker_kills.run(**size, most_copies=2, app=SLOW_RECORDING)
    assert outcome.holds, str(outcome)


def test_a_text_provider_that_never_answers_holds_up_no_mail(
    start_worker, due_patients, sink
):
    due_patients(1)
    due_patients(1)
    for clinic in Clinic.objects.all():
        due.advance_due(clinic, clock.now())
        numbers.give_sender(clinic)
        numbers.give(Patient.objects.get(clinic=clinic))
    Message.objects.update(channel="sms")
    with sms_sink.listening() as provider:
        provider.mood = "hang"
        environment = {
            "EMAIL_URL": sink.url,
            "SMS_PROVIDER": "twilio",
            "SMS_API_URL": provider.url,
            "SMS_ACCOUNT": sms_sink.ACCOUNT,
            "SMS_TOKEN": sms_sink.TOKEN,
        }
        for queue in ("celery", "mail", "text"):
            start_worker(f"--queues={queue}", "--pool=threads", **environment)
        tick_until(lambda: len(provider.callers) == 2)
        due_patients(1)
        tick_until(lambda: "accepted" in states(), seconds=15)
    assert Message.objects.get(state="accepted").channel == "email"
