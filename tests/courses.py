"""A patient's course as the verbs leave it: asked a month after, and answered."""

from decimal import Decimal

from clinic import clock
from outcomes.follow_ups.engine import due
from outcomes.models import Response, SurveyRequest
from outcomes.survey import questionnaire, sending, submissions
from patients.models import Complaint
from tests import answering, factories


def asked(complaint: Complaint, *, days: int = 30) -> SurveyRequest:
    """PRP done so many days ago, and the follow-up that is due since then sent."""
    plan = factories.make_plan(complaint, started_days_ago=days + 3)
    factories.make_performed(plan, days=days)
    due.advance_due(complaint.clinic, clock.now())
    return SurveyRequest.objects.get(patient=complaint.patient)


def answered(complaint: Complaint, value: str = "3") -> Response:
    """The same, and every question answered with this value."""
    request, now = asked(complaint), clock.now()
    submissions.begin(request, at=now)
    for question in questionnaire.read(request).questions:
        given = answering.given(question, Decimal(value))
        submissions.save_answer(request, question, given, language="en", at=now)
    return sending.accept(request, at=now)[0]
