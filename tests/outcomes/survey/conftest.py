from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client

from clinic import clock
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.models import FollowUp, Message, SurveyRequest
from outcomes.survey import questionnaire
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.session import SurveySession
from patients.models import Complaint, Patient
from tests import answering, factories

BORN = date(1957, 3, 14)
BIRTH_DATE = {"day": "14", "month": "3", "year": "1957"}
WRONG_DATE = {"day": "15", "month": "3", "year": "1957"}


@dataclass(frozen=True)
class Survey:
    """A survey that was sent, and what the patient has in hand."""

    request: SurveyRequest
    token: str

    @property
    def path(self) -> str:
        return f"/s/{self.token}"

    @property
    def sheet(self) -> Questionnaire:
        return questionnaire.read(self.request)

    def reload(self) -> SurveyRequest:
        self.request.refresh_from_db()
        return self.request


def ask(*complaints: Complaint, days: int = 32, key: str = "prp") -> Survey:
    """What the engine sends a month after the procedure of each complaint."""
    for complaint in complaints:
        plan = factories.make_plan(complaint, key, started_days_ago=days + 3)
        factories.make_performed(plan, days=days)
    return send(complaints[0].patient)


def ask_baseline(complaint: Complaint) -> Survey:
    plan = factories.make_plan(complaint)
    FollowUp.objects.filter(episode__plan=plan, is_baseline=True).update(
        next_action_at=clock.now()
    )
    return send(complaint.patient)


def send(patient: Patient) -> Survey:
    due.advance_due(patient.clinic, clock.now())
    message = Message.objects.filter(request__patient=patient).latest("created_at")
    return Survey(message.request, tokens.token_for(message.pk))


def enter(survey: Survey, client: Client | None = None) -> Client:
    """A browser in which the date of birth was confirmed."""
    client = client or Client()
    response = client.post(survey.path, BIRTH_DATE)
    assert response.status_code == 302, response.content.decode()
    return client


def fields(survey: Survey, number: int, answer: str, go: str = "next") -> dict:
    """What the form of a question's page sends."""
    page = survey.sheet.questions[number - 1]
    return {
        "survey": form_token(survey),
        "question": page.key,
        "answer": answer,
        "go": go,
    }


def form_token(survey: Survey) -> str:
    held = SurveySession.start(survey.request, at=clock.now())
    return held.form_token


def fill(client: Client, survey: Survey, *answers: str) -> str:
    """Answer from the first question on and send; returns where it leads.

    What comes after these is answered by nothing to tell.
    """
    number, go = 0, "next"
    while go == "next":
        number += 1
        question = survey.sheet.questions[number - 1]
        is_named = number <= len(answers)
        given = answers[number - 1] if is_named else answering.quiet(question)
        go = "send" if number == survey.sheet.total else "next"
        response = client.post(f"/survey/{number}/", fields(survey, number, given, go))
        assert response.status_code == 302, response.content.decode()
    return response.url


@pytest.fixture
def survey(complaint: Complaint) -> Survey:
    return ask(complaint)
