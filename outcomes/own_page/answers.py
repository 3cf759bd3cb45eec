"""All that a patient has answered, to take away: each answer with its question and day,
and the values that were reckoned from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from outcomes.dashboards import facts
from outcomes.dashboards.charts import text as chart_text
from outcomes.instruments import definitions
from outcomes.instruments.definition import Item
from outcomes.models import Answer, Provenance, Response, Score
from outcomes.own_page import courses
from outcomes.survey import in_words, texts


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
        about = in_words.About.of(response, language)
        for answer in response.answers.all():
            yield _given(response, answer, items.get(answer.link_id), about)


def _items(response: Response) -> Mapping[str, Item]:
    if response.instrument is None:
        return {}
    return definitions.of(response.instrument).by_link_id


def _given(
    response: Response, answer: Answer, item: Item | None, about: in_words.About
) -> Given:
    day, language = response.answered_on, about.language
    return Given(
        day=str(day),
        day_in_words=texts.day(day, language) if day else "",
        about=about.site,
        question=in_words.question(answer, item, about),
        answer=in_words.answer(answer, item, language),
    )


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
