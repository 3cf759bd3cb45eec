import subprocess
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from redis import Redis

from clinic import clock
from outcomes.models import Message
from tests import factories
from tests.faults import programs
from tests.faults import sink as sinks


@pytest.fixture
def sink() -> Iterator[sinks.Sink]:
    with sinks.listening() as server:
        yield server


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[Start]:
    """Starts real workers on the test's database and an empty broker."""
    Redis.from_url(django_settings.REDIS_URL).flushdb()
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str, **environment: str) -> subprocess.Popen[bytes]:
        name = f"worker{len(started)}@test"
        worker = programs.worker(name, "--concurrency=2", *options, **environment)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        programs.kill(worker)


@pytest.fixture
def due_patients() -> Callable[[int], None]:
    """So many patients of one clinic with a follow-up due today."""

    def make(number: int) -> None:
        clinic = factories.make_clinic()
        for _ in range(number):
            complaint = factories.make_complaint(factories.make_patient(clinic))
            plan = factories.make_plan(complaint, started_days_ago=40)
            factories.make_performed(plan, days=30)

    return make


def states() -> list[str]:
    return sorted(Message.objects.values_list("state", flat=True))


def make_due_now() -> None:
    """As if the pauses between attempts had passed."""
    Message.objects.filter(next_attempt_at__isnull=False).update(
        next_attempt_at=clock.now()
    )
