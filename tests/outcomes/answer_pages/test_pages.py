"""What was answered at one follow-up, as staff read it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.answer_pages import sheets
from outcomes.models import FollowUp, Response
from outcomes.own_instruments import uses
from outcomes.survey import questionnaire, sending, submissions
from plans.protocols import measures
from tests import answering, courses, factories
from tests.outcomes import own_questionnaires
from tests.outcomes.survey.conftest import Survey, ask

SAID = {
    "note": "Better on stairs.\nNot on hills.",
    "elsewhere_injection": Decimal(1),
}


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def answer(survey: Survey, **said) -> FollowUp:
    submissions.begin(survey.request, at=clock.now())
    for question in survey.sheet.questions:
        given = dict(answering.given(question, 3))
        given |= {key: said[key] for key in said.keys() & given.keys()}
        submissions.save_answer(
            survey.request, question, given, language="es", at=clock.now()
        )
    sending.accept(survey.request, at=clock.now())
    return survey.request.follow_ups.get()


def page(client, follow_up):
    reply = client.get(reverse("outcomes:answers", args=[follow_up.pk]))
    assert reply.status_code == 200
    return reply.content.decode()


def test_each_question_stands_with_its_answer(complaint):
    follow_up = answer(ask(complaint), **SAID)
    (sheet,) = sheets.of_follow_up(follow_up)
    told = {line.question: line.answer for line in sheet.lines}
    boxes = {
        answer for answer in told.values() if "injection" in answer or "shot" in answer
    }
    assert len(boxes) == 1, "of boxes only what was ticked"
    assert list(told.values()).count("none of these") == 1, "the warning signs"
    assert [line.answer for line in sheet.words] == [SAID["note"]]
    assert {value.value for value in sheet.values} == {"3"}
    assert all(value.scale.endswith("is better") for value in sheet.values)


def test_every_answer_is_told(complaint):
    """No link id is lost, whatever kind of question it belongs to."""
    follow_up = answer(ask(complaint), **SAID)
    response = Response.objects.get(follow_up=follow_up)
    (sheet,) = sheets.of_follow_up(follow_up)
    boxes = response.answers.filter(link_id__contains="elsewhere_").count()
    signs = response.answers.filter(link_id__startswith="rf").count()
    assert boxes == 3 and signs
    grouped = boxes + signs - 2
    assert len(sheet.lines) == response.answers.count() - grouped


def test_own_words_are_marked_with_their_language(at_work, complaint):
    shown = page(at_work, answer(ask(complaint), **SAID))
    assert 'lang="es">Better on stairs.' in shown
    assert "in Spanish" in shown
    event = AuditEvent.objects.get(action="answers.read")
    assert event.subjects.get().patient_id == complaint.patient_id


def test_what_hung_on_a_changed_answer_is_marked(at_work, complaint, clinic):
    by = factories.make_user(clinic, Role.ADMIN)
    instrument = own_questionnaires.publish(clinic, by=by)
    for slot in measures.slots():
        uses.begin(instrument, slot=slot, sites=(), by=by)
    request = courses.asked(complaint, days=90)
    now = clock.now()
    submissions.begin(request, at=now)
    own = {"up": Decimal(2), "why": Decimal(1), "down": Decimal(3)}
    for said in (own, own | {"up": Decimal(0)}):
        for question in questionnaire.read(request).questions:
            least = min(question.item.values or [0])
            given = dict(answering.given(question, least))
            given |= {key: said[key] for key in said.keys() & given.keys()}
            submissions.save_answer(request, question, given, language="en", at=now)
    sending.accept(request, at=now)
    response = Response.objects.get(instrument=instrument)
    (sheet,) = sheets.read(Response.objects.filter(pk=response.pk))
    uncounted = [line.question for line in sheet.lines if not line.counts]
    assert uncounted == ["What stops you most?"]
    assert "does not count" in page(at_work, response.follow_up)


def test_without_an_answer_it_says_what_to_do(at_work, complaint):
    survey = ask(complaint)
    assert "Nothing was answered yet" in page(at_work, survey.request.follow_ups.get())


def test_the_patient_page_leads_there(at_work, complaint):
    follow_up = answer(ask(complaint), **SAID)
    address = reverse("outcomes:patient", args=[complaint.patient_id])
    leads = reverse("outcomes:answers", args=[follow_up.pk])
    assert leads in at_work.get(address).content.decode()


def test_queries_do_not_grow_with_what_was_asked(at_work, complaint):
    few = answer(ask(complaint))
    other = factories.make_complaint(factories.make_patient(complaint.clinic))
    many = answer(ask(other), **SAID)
    counts = []
    for follow_up in (few, few, many):
        with CaptureQueriesContext(connection) as seen:
            page(at_work, follow_up)
        counts.append(len(seen))
    assert counts[1] == counts[2] <= 20
