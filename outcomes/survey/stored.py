"""Answers as rows: kept while a survey is open, and read to be scored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from outcomes.instruments import enabling
from outcomes.instruments.definition import YES, Given, Values, in_language
from outcomes.models import Answer, Response
from outcomes.survey import occasions
from outcomes.survey.questions import Question, Target

ELSEWHERE = "elsewhere"


def keep(
    clinic_id: UUID,
    question: Question,
    given: Values,
    open_ids: Collection[UUID],
    at: datetime,
) -> None:
    """Keep an answer in every response that is open and asks it."""
    told = question.by_target(given).items()
    store(clinic_id, {t: value for t, value in told if t.response_id in open_ids}, at)


def store(clinic_id: UUID, given: Mapping[Target, Given], at: datetime) -> None:
    """What stood there is replaced."""
    Answer.objects.bulk_create(
        [
            Answer(
                clinic_id=clinic_id,
                response_id=target.response_id,
                link_id=target.link_id,
                value=number(value),
                text=value if isinstance(value, str) else "",
                answered_at=at,
            )
            for target, value in given.items()
        ],
        update_conflicts=True,
        unique_fields=["response", "link_id"],
        update_fields=["value", "text", "answered_at"],
    )


def number(given: Given) -> Decimal | None:
    return Decimal(given) if isinstance(given, int | Decimal) else None


def standing(question: Question) -> dict[str, Given]:
    """What stands of a question, by link id; where responses differ, one of them."""
    responses = {target.response_id for target in question.targets}
    found = Answer.objects.filter(
        response__in=responses, link_id__in={t.link_id for t in question.targets}
    )
    return {answer.link_id: answer.given for answer in found}


def of(responses: Sequence[Response]) -> dict[UUID, dict[str, Given]]:
    """What was answered to questions that are asked; the rest is not the answers'."""
    found: dict[UUID, dict[str, Given]] = {response.pk: {} for response in responses}
    for answer in Answer.objects.filter(response__in=found):
        found[answer.response_id][answer.link_id] = answer.given
    return {response.pk: asked(response, found[response.pk]) for response in responses}


def asked(response: Response, given: Values) -> dict[str, Given]:
    """Without what came before the questionnaire, or is hidden by other answers."""
    known = occasions.known_of(response)
    counted = enabling.answered(occasions.items_of(response), {**known, **given})
    return {link_id: counted[link_id] for link_id in counted if link_id in given}


def elsewhere(response: Response, given: Values) -> list[str]:
    """What the patient had in another place since last time, as it was asked."""
    asked = enabling.every_question(occasions.items_of(response))
    boxes = [box for item in asked if item.link_id == ELSEWHERE for box in item.items]
    return [in_language(b.text, "en") for b in boxes if given.get(b.link_id) == YES]


def own_words(response: Response, given: Values) -> str:
    """What was written that a person has to read; empty where nothing was."""
    asked = enabling.every_question(occasions.items_of(response))
    written = [given.get(item.link_id) for item in asked if item.type == "text"]
    return "\n".join(str(each) for each in written if each)
