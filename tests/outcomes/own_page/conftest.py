import re

import pytest
from django.test import Client

from outcomes.survey import session
from patients.models import Complaint
from tests.outcomes.survey.conftest import Survey, ask, enter, fill

OWN = session.cookie_name(session.OWN_PAGE)


@pytest.fixture
def survey(complaint: Complaint) -> Survey:
    return ask(complaint)


@pytest.fixture
def phone(survey: Survey) -> Client:
    """A browser in which the survey was just answered."""
    return answered(survey)


def answered(survey: Survey, *answers: str) -> Client:
    phone = enter(survey)
    fill(phone, survey, *(answers or ("4", "2", "3", "2")))
    return phone


def body(response) -> str:
    return response.content.decode()


def send(phone: Client, address: str, **fields: str):
    """The page's own form, as the browser sends it."""
    page = body(phone.get(address))
    token = re.search(r'name="survey" value="([^"]+)"', page)[1]
    return phone.post(address, {"survey": token, **fields})
