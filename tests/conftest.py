from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from clinic import access, append_only
from clinic.models import Clinic, User
from outcomes.survey import guessing
from patients.models import Complaint, Patient
from tests import factories, machine


def pytest_unconfigure() -> None:
    machine.move_out()


@pytest.fixture(autouse=True)
def emptiable_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lets a test with real commits empty the append-only tables afterwards.

    The flush that empties them sends post_migrate, which puts the triggers back.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    is_transactional = (marker and marker.kwargs.get("transaction")) or (
        "transactional_db" in request.fixturenames
        or "live_server" in request.fixturenames
    )
    if is_transactional:
        append_only.remove(connection)


@pytest.fixture(autouse=True)
def misses_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test guessed does not count in the next, which comes from there too."""
    monkeypatch.setattr(guessing, "SALT", str(uuid4()))


@pytest.fixture
def clinic(db: None) -> Clinic:
    return factories.make_clinic()


@pytest.fixture
def other_clinic(db: None) -> Clinic:
    return factories.make_clinic()


@pytest.fixture
def admin(clinic: Clinic) -> User:
    return factories.make_user(clinic, access.Role.ADMIN)


@pytest.fixture
def physician(clinic: Clinic) -> User:
    return factories.make_user(clinic, access.Role.PROVIDER, name="Dr Okafor")


@pytest.fixture
def assistant(clinic: Clinic) -> User:
    return factories.make_user(clinic, access.Role.ASSISTANT)


@pytest.fixture
def clerk(clinic: Clinic) -> User:
    return factories.make_user(clinic, access.Role.FRONT_DESK)


@pytest.fixture
def researcher(clinic: Clinic) -> User:
    return factories.make_user(clinic, access.Role.RESEARCHER)


@pytest.fixture
def outsider(other_clinic: Clinic) -> User:
    return factories.make_user(other_clinic, access.Role.ADMIN)


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return factories.make_patient(clinic)


@pytest.fixture
def complaint(patient: Patient) -> Complaint:
    return factories.make_complaint(patient)


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    """A browser in which the clinic's admin has signed in."""
    client.force_login(admin)
    return client
