"""A patient's open survey as it stands: what is asked, what was answered so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from outcomes.instruments.library import InstrumentDefinition
from outcomes.models import FollowUp, Response, SurveyRequest
from outcomes.survey import had_treatment, questions
from outcomes.survey.questions import Answers, Asked, Question, Target

# A patient whom no message reached may still come by a link that staff gave them.
# One that is answered can stay started: then it waits for the clinic.
ANSWERABLE = (*FollowUp.ASKED, FollowUp.State.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    questions: Sequence[Question]
    answers: Answers

    @property
    def total(self) -> int:
        return len(self.questions)

    @property
    def first_unanswered(self) -> int | None:
        """Its number, counted from 1."""
        return questions.first_unanswered(self.questions, self.answers)


def is_open(request: SurveyRequest, *, at: datetime) -> bool:
    """Whether it may be answered at this moment; withdrawal is read live."""
    return (
        request.state == SurveyRequest.State.OPEN
        and request.closes_at > at
        and request.person.is_in_follow_up
    )


def read(request: SurveyRequest) -> Questionnaire:
    """Two queries, however many complaints are asked about."""
    responses = list(open_responses(request).prefetch_related("answers"))
    zone = request.person.zone or request.clinic.zone
    return Questionnaire(
        questions=questions_of(responses, zone),
        answers={
            Target(response.pk, answer.link_id): answer.value
            for response in responses
            for answer in response.answers.all()
        },
    )


def questions_of(responses: Sequence[Response], zone: str) -> list[Question]:
    """What these ask together; they need not be stored yet."""
    return [
        *had_treatment.questions(responses, zone),
        *questions.compose([_asked(response) for response in responses]),
    ]


def open_responses(request: SurveyRequest) -> QuerySet[Response]:
    """The responses that still take answers, always in the same order."""
    return (
        Response.objects.filter(
            follow_up__request=request,
            follow_up__state__in=ANSWERABLE,
            state=Response.State.OPEN,
        )
        .select_related(
            "instrument",
            "follow_up__episode__complaint",
            "follow_up__episode__anchor_intervention",
        )
        .order_by("follow_up__due_on", "follow_up_id")
    )


def definition(response: Response) -> InstrumentDefinition:
    if response.instrument is None:
        raise ValueError(f"response {response.pk} has no questionnaire")
    return InstrumentDefinition.from_json(response.instrument.definition)


def _asked(response: Response) -> Asked:
    complaint = response.follow_up.episode.complaint
    return Asked(
        response_id=response.pk,
        instrument=definition(response),
        site=complaint.pain_site,
        side=complaint.side,
        is_after_anchor=not response.follow_up.is_baseline,
    )
