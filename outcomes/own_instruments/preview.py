"""Plays a questionnaire as patients will see it, and keeps nothing.

The answers so far travel in the page itself, in the field that holds the token of the
form in a real survey.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpResponse, QueryDict

from clinic import clock
from clinic.models import Clinic
from outcomes.instruments import answers, enabling, scoring
from outcomes.instruments.answers import AnswerError
from outcomes.instruments.definition import Given, InstrumentDefinition, in_language
from outcomes.models import SurveyRequest
from outcomes.survey import pages, question_page, questions, texts
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.questions import Asked, Question, Target
from outcomes.survey.session import SurveySession

NOBODY = UUID(int=0)
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Playing(SurveySession):
    """Nobody's session: what was said so far stands in its form."""

    said: str = ""

    @property
    def form_token(self) -> str:
        return self.said


def first(
    clinic: Clinic, definition: InstrumentDefinition, language: str
) -> HttpResponse:
    return _show(clinic, definition, language, {}, 1)


def answered(
    clinic: Clinic, definition: InstrumentDefinition, language: str, form: QueryDict
) -> HttpResponse:
    """What follows upon what the form says."""
    said = _said(definition, form.get("survey", ""))
    asked = _asked(definition, said)
    keys = [each.key for each in asked]
    if form.get("question") not in keys:
        return _show(clinic, definition, language, {}, 1)
    number = keys.index(str(form["question"])) + 1
    item = asked[number - 1].item
    sent = form.getlist("answer")
    try:
        given = answers.read(item, sent, language)
    except AnswerError as error:
        if form.get("go") == "back":
            return _show(clinic, definition, language, said, number - 1)
        return _show(clinic, definition, language, said, number, str(error), sent)
    said = {**said, **given}
    if form.get("go") == "back":
        return _show(clinic, definition, language, said, number - 1)
    after = _asked(definition, said)
    if number >= len(after):
        ahead = questions.first_unanswered(after, _targets(said))
        if ahead is None:
            return _end(clinic, definition, language, said)
        number = ahead - 1
    return _show(clinic, definition, language, said, number + 1)


def _asked(
    definition: InstrumentDefinition, said: Mapping[str, Given]
) -> list[Question]:
    asked = Asked(NOBODY, definition.items, "", "", family=definition.key)
    return questions.compose([asked], _targets(said))


def _targets(said: Mapping[str, Given]) -> dict[Target, Given]:
    return {Target(NOBODY, link_id): given for link_id, given in said.items()}


def _show(
    clinic: Clinic,
    definition: InstrumentDefinition,
    language: str,
    said: Mapping[str, Given],
    number: int,
    error: str = "",
    sent: list[str] | None = None,
) -> HttpResponse:
    asked = _asked(definition, said)
    if not asked:
        return _end(clinic, definition, language, said)
    now = clock.now()
    number = min(max(number, 1), len(asked))
    return question_page.render(
        SurveyRequest(clinic=clinic, language=language),
        Playing(NOBODY, language, now, now, said=_told(said)),
        Questionnaire(asked, _targets(said), len(asked)),
        number,
        error=error,
        sent=sent,
        is_first=number == 1,
        is_bilingual=is_bilingual(definition),
    )


def _end(
    clinic: Clinic,
    definition: InstrumentDefinition,
    language: str,
    said: Mapping[str, Given],
) -> HttpResponse:
    """What the answers would make, for the staff who try it."""
    kept = enabling.answered(definition.items, said)
    made = [
        f"{each.measure_key}: "
        + ("cannot be scored" if each.value is None else f"{each.value:f}")
        for each in scoring.score(definition, kept, "")
    ]
    title = in_language(definition.title, language)
    told = ["Here the patient sends the answers. Nothing was kept.", *made]
    notice = {"language": "en", "heading": title, "paragraphs": told}
    return pages.render(
        "notice",
        {
            **pages.frame(clinic, language, title),
            "notices": [notice],
            "switch": pages.switch(language) if is_bilingual(definition) else None,
        },
    )


def _told(said: Mapping[str, Given]) -> str:
    """Numbers apart from words: a text may look like a number."""
    return json.dumps(
        {
            name: [str(given)] if isinstance(given, Decimal) else given
            for name, given in said.items()
        }
    )


def _said(definition: InstrumentDefinition, told: str) -> dict[str, Given]:
    """Whatever of it can be an answer; the page may have come from anywhere."""
    try:
        found = json.loads(told) if len(told) <= LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    said: dict[str, Given] = {}
    for name, value in found.items() if isinstance(found, dict) else ():
        item = definition.by_link_id.get(name)
        given = _given(value)
        if item is not None and item.accepts(given) and not item.items:
            said[name] = given
    return said


def _given(value: object) -> Given:
    if isinstance(value, list) and len(value) == 1:
        try:
            number = Decimal(str(value[0]))
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return value if isinstance(value, str) else None


def is_bilingual(definition: InstrumentDefinition) -> bool:
    """Whether it has its own words in each language that patients can choose."""
    return set(texts.LANGUAGES) <= set(definition.languages or texts.LANGUAGES)


def language_of(told: str | None, definition: InstrumentDefinition) -> str:
    """As asked for, else its own first one that patients can choose."""
    own = [each for each in definition.languages if each in texts.LANGUAGES]
    return told if told in texts.LANGUAGES else (own or texts.LANGUAGES)[0]
