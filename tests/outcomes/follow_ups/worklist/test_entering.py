from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic import clock
from clinic.models import AuditEvent
from outcomes.follow_ups.worklist import calls
from outcomes.in_clinic import entering
from outcomes.instruments.definition import Values
from outcomes.models import (
    Answer,
    ContactAttempt,
    FollowUp,
    Message,
    Response,
    Score,
    StaffTask,
    SurveyRequest,
)
from outcomes.survey import questionnaire, sending, submissions
from patients.models import Patient
from tests import answering


def said(follow_up: FollowUp, value: str | None = "2") -> dict[str, Values]:
    number = None if value is None else Decimal(value)
    asked = entering.questions(follow_up)
    return {one.key: answering.given(one, number) for one in asked}


def rated() -> set[Decimal | None]:
    """What the scales were answered with."""
    rows = Answer.objects.filter(link_id__in=["pain_site", "pain_back"])
    return set(rows.values_list("value", flat=True))


def test_what_is_said_on_the_phone_is_scored_like_a_survey(follow_up, task, colleague):
    entering.accept(follow_up, answers=said(follow_up), language="en", by=colleague)
    response = Response.objects.get()
    assert (response.state, response.provenance) == ("sealed", "phone")
    assert set(Score.objects.values_list("provenance", flat=True)) == {"phone"}
    follow_up.refresh_from_db()
    assert follow_up.state == FollowUp.State.COMPLETED
    assert SurveyRequest.objects.get().state == SurveyRequest.State.COMPLETED
    event = AuditEvent.objects.get(action="response.sealed")
    assert (event.actor, event.facts["provenance"]) == (colleague, "phone")


def test_messages_and_calls_end_with_it(follow_up, task, colleague):
    entering.accept(follow_up, answers=said(follow_up), language="es", by=colleague)
    assert Message.objects.get().state == Message.State.CANCELLED
    task.refresh_from_db()
    assert task.state == StaffTask.State.DONE
    assert ContactAttempt.objects.get().outcome == "answered"
    assert Response.objects.get().language == "es"


def test_cannot_tell_is_an_answer(follow_up, colleague):
    given = said(follow_up, None)
    entering.accept(follow_up, answers=given, language="en", by=colleague)
    assert rated() == {None}
    assert not Score.objects.exists()


def test_a_gap_keeps_nothing(follow_up, task, colleague):
    given = said(follow_up)
    missing = next(iter(given))
    del given[missing]
    with pytest.raises(ValidationError) as refused:
        entering.accept(follow_up, answers=given, language="en", by=colleague)
    assert list(refused.value.message_dict) == [missing]
    assert not Response.objects.exists() and not ContactAttempt.objects.exists()


@pytest.mark.parametrize("value", ["11", "-1", "2.5"])
def test_a_value_that_is_not_on_the_scale_keeps_nothing(follow_up, colleague, value):
    with pytest.raises(ValidationError):
        entering.accept(
            follow_up, answers=said(follow_up, value), language="en", by=colleague
        )
    assert not Response.objects.exists()


def test_asking_for_the_questions_keeps_nothing(follow_up):
    assert len(entering.questions(follow_up)) == 7
    assert not Response.objects.exists()


def test_what_the_patient_had_begun_is_replaced(follow_up, colleague):
    request, now = follow_up.request, clock.now()
    submissions.begin(request, at=now)
    first = questionnaire.read(request).questions[0]
    submissions.save_answer(
        request, first, answering.given(first, 9), language="en", at=now
    )
    follow_up.refresh_from_db()
    entering.accept(follow_up, answers=said(follow_up), language="en", by=colleague)
    assert rated() == {Decimal(2)}


def test_the_patient_was_quicker(follow_up, colleague):
    given, request, now = said(follow_up), follow_up.request, clock.now()
    submissions.begin(request, at=now)
    for one in questionnaire.read(request).questions:
        submissions.save_answer(
            request, one, answering.given(one, 7), language="en", at=now
        )
    sending.accept(request, at=now)
    with pytest.raises(ValidationError, match="is over: answered"):
        entering.accept(follow_up, answers=given, language="en", by=colleague)
    assert rated() == {Decimal(7)}


def test_a_colleague_was_quicker(follow_up, colleague, admin):
    calls.log(follow_up, outcome="no_answer", by=admin)
    with pytest.raises(ValidationError, match="logged a call"):
        entering.accept(follow_up, answers=said(follow_up), language="en", by=colleague)
    assert not Response.objects.exists()


def test_whom_no_message_reaches_can_answer_by_phone(performed, clinic, colleague):
    row = FollowUp.objects.get(timepoint_key="m1")
    FollowUp.objects.filter(pk=row.pk).update(state=FollowUp.State.UNREACHABLE)
    Patient.objects.get().contact_points.update(may_contact=False)
    row.refresh_from_db()
    entering.accept(row, answers=said(row), language="en", by=colleague)
    row.refresh_from_db()
    assert row.state == FollowUp.State.COMPLETED
    assert SurveyRequest.objects.get().state == SurveyRequest.State.COMPLETED


def test_it_can_be_answered_from_its_first_day_on(performed, colleague):
    row = FollowUp.objects.get(timepoint_key="m3")
    assert "It can be answered from" in entering.refusal(row)
    with pytest.raises(ValidationError, match="can be answered from"):
        entering.accept(row, answers=said(row), language="en", by=colleague)
