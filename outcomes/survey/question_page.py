"""One question as a page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from outcomes.instruments import library
from outcomes.models import SurveyRequest
from outcomes.survey import autosave, had_treatment, pages, texts
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.questions import Question
from outcomes.survey.session import SurveySession


@dataclass(frozen=True, slots=True)
class Choice:
    """meaning is what a number stands for, read out with the first and the last."""

    value: str
    label: str
    meaning: str
    is_chosen: bool


def render(
    request: SurveyRequest,
    held: SurveySession,
    sheet: Questionnaire,
    number: int,
    *,
    error: str = "",
    is_first: bool = False,
) -> HttpResponse:
    language = held.language
    asked = sheet.questions[number - 1]
    earlier = asked.earlier(sheet.answers)
    title = texts.say("question_title", language, number=number, total=sheet.total)
    if error:
        title = texts.say("error_title", language, title=title)
    context = {
        **pages.frame(request.clinic, language, title),
        **_choices(asked, language, earlier.raw if earlier else ""),
        "t": texts.phrases(language),
        **autosave.fields(request, asked.key),
        "form_token": held.form_token,
        "key": asked.key,
        "kind": asked.item.type,
        "wording": asked.wording(language),
        "low": asked.item.low.get(language),
        "high": asked.item.high.get(language),
        "number": number,
        "total": sheet.total,
        "progress": texts.say("progress", language, number=number, total=sheet.total),
        "is_first": is_first,
        "is_last": number == sheet.total,
        "is_saved": earlier is not None and not error,
        "error": error,
        # What an answer ends is not ended by a mere tap.
        "saves_itself": not had_treatment.is_asked_by(asked),
        "switch": _switch(language),
    }
    if not request.is_rescue:
        return pages.render("question", context)
    return pages.render("taps", context | _taps(sheet, number, language))


def _taps(sheet: Questionnaire, number: int, language: str) -> dict[str, str]:
    """What is said around three taps; no offer where there is nothing more to ask."""
    note = ""
    if number == sheet.total:
        note = texts.say("taps_last", language)
    elif number == 1:
        note = texts.say("taps_first", language, total=sheet.total)
    is_all = sheet.whole == sheet.total
    offer = "" if is_all else texts.say("taps_all", language, total=sheet.whole)
    return {"note": note, "offer": offer}


def _switch(language: str) -> dict[str, str]:
    other = texts.other_language(language)
    return {
        "address": f"?language={other}",
        "language": other,
        "label": texts.say("switch", language),
    }


def _choices(asked: Question, language: str, chosen: str) -> dict[str, Any]:
    meanings = _meanings(asked, language)
    choices = [
        Choice(value, label, meanings.get(value, ""), value == chosen)
        for value, label in asked.item.choices(language)
    ]
    return {
        "choices": [c for c in choices if c.value != library.CANT_TELL],
        "cant_tell": next((c for c in choices if c.value == library.CANT_TELL), None),
    }


def _meanings(asked: Question, language: str) -> dict[str, str]:
    """What the ends of a scale of numbers mean."""
    if not asked.item.low:
        return {}
    first, last = str(asked.item.values[0]), str(asked.item.values[-1])
    return {first: asked.item.low[language], last: asked.item.high[language]}
