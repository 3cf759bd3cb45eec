"""A patient's open survey as it stands: what is asked, what was answered so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from outcomes.instruments import library
from outcomes.instruments.library import InstrumentDefinition, Item
from outcomes.models import FollowUp, Response, SurveyRequest
from outcomes.survey import had_treatment, questions
from outcomes.survey.questions import Answers, Asked, Question, Target

# A patient whom no message reached may still come by a link that staff gave them.
# One that is answered can stay started: then it waits for the clinic.
ANSWERABLE = (*FollowUp.ASKED, FollowUp.State.UNREACHABLE)
# What is asked as a last resort, of the longer questionnaire's questions.
THREE_TAPS = frozenset(
    item.link_id for item in library.instruments()[library.THREE_TAPS].items
)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    questions: Sequence[Question]
    answers: Answers
    # How many there would be, were it not cut down to three taps.
    whole: int

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
    whole = questions_of(responses, zone)
    return Questionnaire(
        questions=_few(whole, responses) if request.is_rescue else whole,
        whole=len(whole),
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


def _few(whole: Sequence[Question], responses: Sequence[Response]) -> list[Question]:
    """A baseline has three questions as it is; all else is cut down to three taps."""
    cut = [r.pk for r in responses if not r.follow_up.is_baseline]
    about_day = [each for each in whole if had_treatment.is_asked_by(each)]
    rest = [each for each in whole if not had_treatment.is_asked_by(each)]
    return about_day + questions.few(rest, cut, THREE_TAPS)


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


def items_for(response: Response) -> list[Item]:
    """All that its questionnaire asks at that time point, of that complaint."""
    follow_up = response.follow_up
    return library.items_for(
        definition(response),
        not follow_up.is_baseline,
        follow_up.episode.complaint.pain_site,
    )


def _asked(response: Response) -> Asked:
    complaint = response.follow_up.episode.complaint
    return Asked(
        response_id=response.pk,
        instrument=definition(response),
        site=complaint.pain_site,
        side=complaint.side,
        is_after_anchor=not response.follow_up.is_baseline,
    )
