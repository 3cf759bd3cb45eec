"""Surveys that wait for their last answer, each a copy of one the product made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.test import Client

from benchmarks import scratch  # noqa: F401  before any model
from benchmarks.replan_plans import copy_of
from clinic import bulk, clock
from outcomes.models import Answer, Episode, FollowUp, Message, Response, SurveyRequest
from outcomes.survey import session
from outcomes.survey.session import SurveySession
from tests import answering, factories
from tests.outcomes.survey import conftest as surveys
from tests.outcomes.survey.conftest import Survey


@dataclass(frozen=True)
class Last:
    """What a browser sends as the last answer of a survey: cookie, path and form."""

    cookie: str
    path: str
    form: dict[str, str]


def prepared(count: int) -> list[Last]:
    """So many patients a month after PRP; only the last question is left to answer."""
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS.append("testserver")
    clinic = factories.make_clinic()
    survey = surveys.ask(factories.make_complaint(factories.make_patient(clinic)))
    _answer_but_one(survey)
    # Its invitation has gone out, as of whoever answers.
    Message.objects.filter(request=survey.request).update(
        state=Message.State.ACCEPTED, next_attempt_at=None
    )
    made: list[SurveyRequest] = []
    for first in range(0, count, 500):
        made += _copies(survey.request, range(first, min(first + 500, count)))
    key = survey.sheet.questions[-1].key
    path = f"/survey/{survey.sheet.total}/"
    return [_last(request, path, key) for request in made]


def _answer_but_one(survey: Survey) -> None:
    client = surveys.enter(survey, Client())
    for number in range(1, survey.sheet.total):
        question = survey.sheet.questions[number - 1]
        given = "3" if question.item.is_coded else answering.quiet(question)
        client.post(f"/survey/{number}/", surveys.fields(survey, number, given))
    assert survey.sheet.first_unanswered == survey.sheet.total


def _copies(pattern: SurveyRequest, numbers: range) -> list[SurveyRequest]:
    person = pattern.patient
    (old,) = Episode.objects.filter(patient=person).select_related("complaint", "plan")
    people = _each([person] * len(numbers))
    for number, one in zip(numbers, people, strict=True):
        one.mrn = f"W{number}"
    complaints = _each([old.complaint] * len(people), patient_id=people)
    plans = _each([old.plan] * len(people), complaint_id=complaints)
    procedures = _each([old.anchor_intervention] * len(people), plan_id=plans)
    episodes = _each(
        [old] * len(people),
        patient_id=people,
        complaint_id=complaints,
        plan_id=plans,
        anchor_intervention_id=procedures,
    )
    requests = _each([pattern] * len(people), patient_id=people)
    messages = _each([pattern.messages.get()] * len(people), request_id=requests)
    for message in messages:
        message.idempotency_key = str(message.pk)
    whole: list[Sequence[Any]] = [people, complaints, plans, procedures, episodes]
    whole += [requests, messages]
    for row in FollowUp.objects.filter(episode=old):
        asked = {"request_id": requests} if row.request_id else {}
        rows = _each(
            [row] * len(people), patient_id=people, episode_id=episodes, **asked
        )
        whole.append(rows)
        for response in row.responses.all():
            responses = _each(
                [response] * len(people),
                patient_id=people,
                follow_up_id=rows,
                request_id=requests,
            )
            whole.append(responses)
            for answer in response.answers.all():
                whole.append(_answers(answer, responses))
    for each in whole:
        bulk.insert(each)
    return requests


def _each(rows: Sequence[Any], **owners: Sequence[Any]) -> list[Any]:
    """A copy of each, of the owner that stands at the same place."""
    return [
        copy_of(row, **{name: owned[n].pk for name, owned in owners.items()})
        for n, row in enumerate(rows)
    ]


def _answers(pattern: Answer, responses: Sequence[Response]) -> list[Answer]:
    fields = ("clinic_id", "link_id", "value", "text", "answered_at")
    kept = {name: getattr(pattern, name) for name in fields}
    return [Answer(response_id=one.pk, **kept) for one in responses]


def _last(request: SurveyRequest, path: str, key: str) -> Last:
    held = SurveySession.start(request, at=clock.now())
    content = signing.dumps(held.to_cookie(), salt=held.scope.salt)
    form = {
        "survey": held.form_token,
        "question": key,
        "answer": "",
        "go": "send",
    }
    return Last(f"{session.cookie_name()}={content}", path, form)


def stored_of(number: int = 1) -> list[dict[str, Any]]:
    """The answers of one survey that was sent, as a bare view is sent them."""
    response = Response.objects.filter(state=Response.State.SEALED)[number - 1]
    return [
        {"link_id": a.link_id, "value": None if a.value is None else str(a.value)}
        | {"text": a.text}
        for a in response.answers.all()
    ]
