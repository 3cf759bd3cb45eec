from dataclasses import dataclass

import pytest
from django.test import Client

from outcomes.in_clinic import tablets
from outcomes.models import Tablet
from tests.outcomes.survey.conftest import Survey, ask

__all__ = ["Survey"]


@dataclass(frozen=True)
class Device:
    """A tablet of the clinic, and the browser on it."""

    tablet: Tablet
    client: Client

    def reload(self) -> Tablet:
        return Tablet.objects.select_related("request").get(pk=self.tablet.pk)


def set_up(clinic, by, name: str = "Front desk") -> Device:
    tablet, code = tablets.add(clinic, name=name, by=by)
    client = Client()
    reply = client.post("/tablet/new/", {"code": code})
    assert reply.url == "/tablet/"
    return Device(tablet, client)


@pytest.fixture
def device(clinic, admin) -> Device:
    return set_up(clinic, admin)


@pytest.fixture
def survey(complaint) -> Survey:
    return ask(complaint)


@pytest.fixture
def desk(client, clerk) -> Client:
    """A browser in which the front desk has signed in."""
    client.force_login(clerk)
    return client
