"""What somebody answers to a question, whatever kind it is."""

from decimal import Decimal

from outcomes.instruments import answers
from outcomes.instruments.definition import BOXES, NO, Values
from outcomes.survey.questions import Question


def given(question: Question, value: int | Decimal | None) -> Values:
    """A number where it asks for one; nothing to tell where it does not."""
    item = question.item
    if item.type == BOXES:
        return {box.link_id: Decimal(NO) for box in item.items}
    if item.is_coded and value is not None:
        return {item.link_id: Decimal(value)}
    return {item.link_id: None}


def quiet(question: Question) -> str:
    """What the form sends of somebody who has nothing to tell."""
    item = question.item
    if item.type == BOXES:
        return "none"
    if item.is_optional:
        return ""
    # What is typed: a number that can be, or words.
    typed = "Walking" if item.minimum is None else str(int(item.minimum))
    return str(item.values[0]) if item.is_coded else typed


def read(question: Question, *sent: str) -> Values:
    """As the page reads it."""
    return answers.read(question.item, sent)
