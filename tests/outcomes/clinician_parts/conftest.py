from decimal import Decimal

import pytest

from clinic import clock
from outcomes.clinician_parts import recording
from outcomes.follow_ups.engine import due
from outcomes.models import FollowUp, SurveyRequest
from outcomes.survey import questionnaire, sending, submissions
from patients.models import Complaint
from tests import answering, factories


def row_of(plan, key):
    return FollowUp.objects.get(
        episode__plan=plan, timepoint_key=key, state__in=LIVE_OR_DONE
    )


LIVE_OR_DONE = [s for s in FollowUp.State if s not in ("superseded", "cancelled")]


def answer(row: FollowUp, value: str = "3") -> None:
    """The patient opens the survey and answers all of it."""
    request, now = SurveyRequest.objects.get(follow_ups=row), clock.now()
    submissions.begin(request, at=now)
    for question in questionnaire.read(request).questions:
        given = answering.given(question, Decimal(value))
        submissions.save_answer(request, question, given, language="en", at=now)
    sending.accept(request, at=now)


def examine(row: FollowUp, by, values=None, **fields) -> FollowUp:
    today = factories.days_ago(row.clinic, 0)
    said = {"sessions_attended": 7} if values is None else values
    given = {key: Decimal(value) for key, value in said.items()}
    defaults = {"examined_on": today, "values": given, "by": by}
    return recording.record(row, **{**defaults, **fields})


@pytest.fixture
def both(complaint: Complaint) -> FollowUp:
    """Six weeks of therapy: the patient is asked, the clinic counts the sessions."""
    plan = factories.make_plan(complaint, "physical_therapy", started_days_ago=42)
    due.advance_due(complaint.clinic, clock.now())
    return row_of(plan, "w6")


@pytest.fixture
def recheck(complaint: Complaint) -> FollowUp:
    """Sciatica that is watched: the examination of day 14 is due today."""
    plan = factories.make_plan(complaint, "sciatica_watch", started_days_ago=14)
    due.advance_due(complaint.clinic, clock.now())
    return row_of(plan, "w2")


@pytest.fixture
def block(complaint: Complaint) -> FollowUp:
    """An epidural of today, to be asked half an hour after."""
    plan = factories.make_plan(complaint, "image_guided_injection", started_days_ago=3)
    factories.make_performed(plan, days=0)
    return row_of(plan, "post30min")
