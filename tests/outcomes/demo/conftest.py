from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

from outcomes.demo import building

NOW = datetime(2026, 3, 12, 18, 30, tzinfo=UTC)
PATIENTS = 60


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A small demo that all tests of a module read; each undoes what it changes."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        building.build(silent, patients=PATIENTS)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(built: None, db: None) -> None:
    """The database with the demo in it."""
