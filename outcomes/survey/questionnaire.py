"""A patient's open survey as it stands: what is asked, what was answered so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from outcomes.instruments import library
from outcomes.instruments.definition import Values
from outcomes.models import FollowUp, Response, SurveyRequest
from outcomes.survey import had_treatment, occasions, questions, who_answers
from outcomes.survey.questions import Answers, Question, Target

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
    responses: Sequence[Response] = ()

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
    """Three queries, however many complaints are asked about."""
    responses = list(open_responses(request).prefetch_related("answers"))
    answers = {
        Target(response.pk, answer.link_id): answer.given
        for response in responses
        for answer in response.answers.all()
    }
    who = who_answers.questions(request.person, responses)
    return _composed(request, responses, who, answers)


def answered(
    request: SurveyRequest, sheet: Questionnaire, question: Question, given: Values
) -> Questionnaire:
    """As it stands once this answer is kept too; costs no query."""
    who = [each for each in sheet.questions if who_answers.is_asked_by(each)]
    answers = {**sheet.answers, **question.by_target(given)}
    return _composed(request, sheet.responses, who, answers)


def _composed(
    request: SurveyRequest,
    responses: Sequence[Response],
    who: Sequence[Question],
    answers: Answers,
) -> Questionnaire:
    zone = request.person.zone or request.clinic.zone
    whole = [*who, *questions_of(responses, zone, answers)]
    return Questionnaire(
        questions=_few(whole, responses) if request.is_rescue else whole,
        whole=len(whole),
        answers=answers,
        responses=responses,
    )


def questions_of(
    responses: Sequence[Response],
    zone: str,
    answers: Answers | None = None,
    *,
    all_at_once: bool = False,
) -> list[Question]:
    """What these ask together; they need not be stored yet."""
    asked = [occasions.asked_of(response) for response in responses]
    return [
        *had_treatment.questions(responses, zone),
        *questions.compose(asked, answers, all_at_once=all_at_once),
    ]


def _few(whole: Sequence[Question], responses: Sequence[Response]) -> list[Question]:
    """A baseline has three questions as it is; all else is cut down to three taps."""
    cut = [r.pk for r in responses if not r.follow_up.is_baseline]
    first = [each for each in whole if is_framing(each)]
    rest = [each for each in whole if not (is_framing(each) or each.family)]
    return first + questions.few(rest, cut, THREE_TAPS)


def is_framing(question: Question) -> bool:
    """Whether it comes before the questionnaire and is no part of it."""
    return had_treatment.is_asked_by(question) or who_answers.is_asked_by(question)


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
        .defer("instrument__definition")
        .order_by("follow_up__due_on", "follow_up_id", "revision")
    )


def waiting(request: SurveyRequest) -> QuerySet[FollowUp]:
    return request.follow_ups.filter(
        FollowUp.WAITS_FOR_PATIENT, state__in=ANSWERABLE
    ).select_related("episode__complaint", "episode__plan")
