from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from clinic import clock
from outcomes.follow_ups.channels import tokens
from outcomes.intake import asking, sheet
from outcomes.intake.screens import Kind
from outcomes.intake.sheet import Sheet
from outcomes.models import Intake, Message
from patients.models import Complaint
from tests.outcomes.survey.conftest import Survey, enter, form_token

HEEL, TOE = "heel_below:left", "big_toe:left"
# What is answered where a test says nothing else.
USUAL = {
    Kind.MAP: {"regions": [HEEL]},
    Kind.AGO: {"number": "2", "unit": "weeks"},
    Kind.SCALE: {"answer": "4"},
    Kind.BOXES: {"answer": ["nothing"]},
    Kind.SYMPTOM: {"answer": "no"},
    Kind.FLAGS: {"answer": ["none"]},
    Kind.KNOWN: {"answer": "unchanged"},
    Kind.DETAIL: {"answer": "no"},
    Kind.TEXT: {"answer": ""},
}
Answers = dict[str, dict]


def ask(complaint: Complaint, by, visit_on: date | None = None) -> Survey:
    """A patient who was asked before a visit, and the link in their hand."""
    intake = asking.ask(complaint, by=by, visit_on=visit_on)
    message = Message.objects.filter(request=intake.request).latest("created_at")
    return Survey(intake.request, tokens.token_for(message.pk))


def sheet_of(survey: Survey) -> Sheet:
    return sheet.read(survey.reload(), at=clock.now())


def number_of(survey: Survey, key: str) -> int:
    """Where a screen stands; a complaint's screen by the beginning of its key."""
    keys = [step.key for step in sheet_of(survey).steps]
    return next(n for n, one in enumerate(keys, 1) if one.startswith(key))


def post(phone: Client, survey: Survey, key: str, go: str = "next", **fields):
    """Send the form of a screen, wherever it stands."""
    number = number_of(survey, key)
    asked = sheet_of(survey).steps[number - 1]
    form = {"survey": form_token(survey), "question": asked.key, "go": go, **fields}
    return phone.post(f"/survey/intake/{number}/", form)


def fill(phone: Client, survey: Survey, **answers: dict) -> str:
    """Answer every screen in turn, those that come up on the way too, and send.

    Where the last page led to; empty where there was nothing left to answer.
    """
    led_to = ""
    while (number := sheet_of(survey).first_unanswered) is not None:
        asked = sheet_of(survey).steps[number - 1]
        fields = answers.get(asked.key.split(".")[0], USUAL[asked.kind])
        is_end = number == sheet_of(survey).total and not survey.sheet.total
        go = "send" if is_end else "next"
        reply = post(phone, survey, asked.key, go, **fields)
        assert reply.status_code == 302, reply.content.decode()
        led_to = reply.url
    return led_to


def body(reply) -> str:
    return reply.content.decode()


@pytest.fixture
def survey(complaint: Complaint, physician) -> Survey:
    return ask(complaint, physician)


@pytest.fixture
def phone(survey: Survey) -> Client:
    return enter(survey)


@pytest.fixture
def intake(survey: Survey) -> Callable[[], Intake]:
    """The intake as it stands now."""
    return lambda: Intake.objects.select_related("evaluation").get()
