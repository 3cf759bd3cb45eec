import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.db import connection
from redis import Redis

from clinic import clock
from outcomes.models import Message
from tests import factories
from tests.faults import sink as sinks


@pytest.fixture
def sink() -> Iterator[sinks.Sink]:
    with sinks.listening() as server:
        yield server


def database_url() -> str:
    """The test database, as a program of its own would be told of it."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    place = f"{held['HOST'] or 'localhost'}:{held['PORT'] or 5432}"
    person = f"{held['USER']}:{held['PASSWORD']}".rstrip(":")
    return f"postgres://{person}@{place}/{held['NAME']}"


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[Start]:
    """Starts real workers on the test's database and an empty broker."""
    Redis.from_url(django_settings.REDIS_URL).flushdb()
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str, **environment: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker"]
            + ["--concurrency=2", "--loglevel=ERROR", "--without-gossip"]
            + ["--without-mingle", f"--hostname=worker{len(started)}@test", *options],
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "REDIS_URL": django_settings.REDIS_URL,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "LINK_KEY": django_settings.LINK_KEY,
                **environment,
            },
            start_new_session=True,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """kill -9 of the worker and the children it sends with."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


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
