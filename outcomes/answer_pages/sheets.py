"""What was answered at one follow-up, as a clinician reads it: question by question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from outcomes.dashboards.charts import text as chart_text
from outcomes.instruments import enabling
from outcomes.instruments.definition import BOXES, YES, Item, in_language
from outcomes.models import Answer, FollowUp, Measure, Response, Score
from outcomes.survey import in_words, occasions, stored

LANGUAGE = "en"
NONE = "none of these"


@dataclass(frozen=True, slots=True)
class Line:
    """One question; what was written in own words is `is_own`, in its own language.

    What hung on an answer that was changed later does not count.
    """

    question: str
    answer: str
    is_own: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """A score, and which way of its scale is better."""

    name: str
    value: str
    scale: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One response, and what was reckoned from it."""

    response: Response
    lines: Sequence[Line]
    values: Sequence[Value]

    @property
    def words(self) -> list[Line]:
        return [line for line in self.lines if line.is_own]


def of_follow_up(follow_up: FollowUp) -> list[Sheet]:
    """The newest first, those before a correction too; four queries."""
    sealed = Response.objects.filter(
        follow_up=follow_up, state=Response.State.SEALED
    ).order_by("-sealed_at", "-revision")
    return read(sealed)


def read(responses: QuerySet[Response]) -> list[Sheet]:
    related = responses.select_related(
        "instrument", "follow_up__episode__complaint"
    ).prefetch_related("answers", "scores__measure")
    return [Sheet(one, list(lines(one)), _values(one)) for one in related]


def _values(response: Response) -> list[Value]:
    scores = sorted(response.scores.all(), key=lambda score: score.measure.position)
    return [_value(score, score.measure) for score in scores]


def _value(score: Score, measure: Measure) -> Value:
    ends = (chart_text.number(end) for end in (measure.minimum, measure.maximum))
    scale = f"{' to '.join(ends)}, {measure.get_better_is_display()}"
    return Value(measure.name, chart_text.number(score.value), scale)


def lines(response: Response) -> Iterator[Line]:
    """In the order of the questionnaire; boxes of one question stand in one line."""
    given = {answer.link_id: answer for answer in response.answers.all()}
    if response.instrument is None:
        return
    about = in_words.About.of(response, LANGUAGE)
    values = {link_id: answer.given for link_id, answer in given.items()}
    counted = stored.asked(response, values)
    for item in enabling.every_question(occasions.items_of(response)):
        if item.type == BOXES:
            boxes = {box.link_id: given.pop(box.link_id, None) for box in item.items}
            if any(boxes.values()):
                counts = not counted.keys().isdisjoint(boxes)
                yield Line(about.worded(item), _ticked(item, boxes), counts=counts)
        elif item.link_id in given:
            line = _line(given.pop(item.link_id), item, about)
            yield replace(line, counts=item.link_id in counted)
    for answer in given.values():
        # What stands before the questionnaire is none of its items.
        yield _line(answer, None, about)


def _ticked(item: Item, boxes: Mapping[str, Answer | None]) -> str:
    texts = {box.link_id: in_language(box.text, LANGUAGE) for box in item.items}
    ticked = [
        texts[link_id]
        for link_id, answer in boxes.items()
        if answer is not None and answer.value == YES
    ]
    return "; ".join(ticked) or NONE


def _line(answer: Answer, item: Item | None, about: in_words.About) -> Line:
    return Line(
        question=in_words.question(answer, item, about),
        answer=in_words.answer(answer, item, LANGUAGE),
        is_own=bool(answer.text),
    )
