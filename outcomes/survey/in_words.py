"""A stored answer and its question in words, for whoever reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from outcomes.dashboards.charts import text as chart_text
from outcomes.instruments.definition import Item, in_language
from outcomes.models import Answer, Response
from outcomes.survey import occasions, question_page, texts


@dataclass(frozen=True, slots=True)
class About:
    """What stands in the words of a response's questions, in one language."""

    language: str
    site: str
    # By name, such as an activity that the patient named.
    known: Mapping[str, str]

    @classmethod
    def of(cls, response: Response, language: str) -> Self:
        """Reads the answers from a prefetch."""
        named = {one.link_id: one.text for one in response.answers.all() if one.text}
        site = response.follow_up.episode.complaint.site_phrase(language)
        return cls(language, site, {**occasions.known_of(response), **named})

    def worded(self, item: Item) -> str:
        said = item.wording(self.language, self.site)
        for name, text in self.known.items():
            said = said.replace(f"{{{name}}}", text)
        return said


def question(answer: Answer, item: Item | None, about: About) -> str:
    """What stands before a questionnaire is none of its items."""
    if item is not None:
        return about.worded(item)
    name = answer.link_id.replace("_", " ")
    return texts.say("own_question", about.language, name=name)


def answer(given: Answer, item: Item | None, language: str) -> str:
    """Words of the patient's own stay as they were written."""
    if given.text:
        return given.text
    if given.value is None:
        is_left = item is not None and item.is_optional
        cant_tell = in_language(item.cant_tell, language) if item else ""
        left = texts.say("own_left_empty", language)
        return left if is_left else cant_tell or texts.say("own_cant_tell", language)
    number = chart_text.number(given.value)
    if item is None or not item.is_coded:
        return number
    return dict(question_page.offered(item, language)).get(number, number)
