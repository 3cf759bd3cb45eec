"""All that a patient has answered, to take away: each answer with its question and day,
and the values that were reckoned from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from outcomes.dashboards import chart_text, facts
from outcomes.instruments import definitions
from outcomes.instruments.definition import Item, in_language
from outcomes.models import Answer, Provenance, Response, Score
from outcomes.own_page import courses
from outcomes.survey import question_page, texts


@dataclass(frozen=True, slots=True)
class Given:
    """A line of the list; `day` is the patient's own, as a date for a machine."""

    day: str
    day_in_words: str
    about: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class OwnData:
    answers: Sequence[Given]
    values: Sequence[Given]


def read(record_ids: Sequence[UUID], language: str) -> OwnData:
    """Three queries; of answers that were corrected the newest."""
    return OwnData(
        answers=list(_answers(record_ids, language)),
        values=list(_values(record_ids, language)),
    )


def _answers(record_ids: Sequence[UUID], language: str) -> Iterator[Given]:
    found = (
        Response.objects.filter(patient__in=record_ids, state=Response.State.SEALED)
        .exclude(provenance=Provenance.CLINIC)
        .select_related("instrument", "follow_up__episode__complaint")
        .prefetch_related("answers")
        .order_by("answered_on", "sealed_at", "revision", "pk")
    )
    newest = {response.follow_up_id: response for response in found}
    for response in newest.values():
        items = _items(response)
        site = response.follow_up.episode.complaint.site_phrase(language)
        for answer in response.answers.all():
            yield _given(response, answer, items.get(answer.link_id), site, language)


def _items(response: Response) -> Mapping[str, Item]:
    if response.instrument is None:
        return {}
    return definitions.of(response.instrument).by_link_id


def _given(
    response: Response, answer: Answer, item: Item | None, site: str, language: str
) -> Given:
    day = response.answered_on
    return Given(
        day=str(day),
        day_in_words=texts.day(day, language) if day else "",
        about=site,
        question=item.wording(language, site) if item else _unnamed(answer, language),
        answer=_in_words(answer, item, language),
    )


def _unnamed(answer: Answer, language: str) -> str:
    """What stands before a questionnaire is none of its items."""
    return texts.say("own_question", language, name=answer.link_id.replace("_", " "))


def _in_words(answer: Answer, item: Item | None, language: str) -> str:
    if answer.text:
        return answer.text
    if answer.value is None:
        is_left = item is not None and item.is_optional
        cant_tell = in_language(item.cant_tell, language) if item else ""
        left = texts.say("own_left_empty", language)
        return left if is_left else cant_tell or texts.say("own_cant_tell", language)
    number = chart_text.number(answer.value)
    if item is None or not item.is_coded:
        return number
    return dict(question_page.offered(item, language)).get(number, number)


def _values(record_ids: Sequence[UUID], language: str) -> Iterator[Given]:
    found = Score.objects.filter(patient__in=record_ids)
    related = found.select_related("measure", "complaint")
    for score in related.order_by(*facts.IN_TIME_ORDER):
        site = score.complaint.site_phrase(language)
        yield Given(
            day=str(score.measured_on),
            day_in_words=texts.day(score.measured_on, language),
            about=site,
            question=courses.heading_of(score.measure, site, language),
            answer=chart_text.number(score.value),
        )
