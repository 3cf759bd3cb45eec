"""One question as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from outcomes.instruments import answers
from outcomes.instruments import definition as shape
from outcomes.instruments.definition import CANT_TELL, NONE_OF_THESE, Item, in_language
from outcomes.models import SurveyRequest
from outcomes.survey import had_treatment, order, pages, texts
from outcomes.survey.questionnaire import Questionnaire
from outcomes.survey.session import SurveySession

# The template that asks; what is not here is asked by radio buttons.
FIELDS = {
    shape.BOXES: "boxes",
    "text": "text",
    "line": "line",
    "date": "line",
    "time": "line",
    "integer": "line",
    "decimal": "line",
    "open_choice": "line",
    shape.DISPLAY: "display",
}
# More steps than these stand in narrow rows.
WIDE_SCALE = 11


@dataclass(frozen=True, slots=True)
class Choice:
    """meaning is what a number stands for, read out with the first and the last."""

    value: str
    label: str
    is_chosen: bool
    meaning: str = ""


def render(
    request: SurveyRequest,
    held: SurveySession,
    sheet: Questionnaire,
    number: int,
    *,
    error: str = "",
    sent: Sequence[str] | None = None,
    is_first: bool = False,
    is_bilingual: bool = True,
) -> HttpResponse:
    """sent is a form that was refused; else the page shows what was said before.

    Where nothing was, what the questionnaire chooses beforehand: it is kept once sent.
    """
    language = held.language
    asked = sheet.questions[number - 1]
    earlier = asked.earlier(sheet.answers)
    given = sent if sent is not None else earlier or asked.beginning
    title = texts.say("question_title", language, number=number, total=sheet.total)
    if error:
        title = texts.say("error_title", language, title=title)
    shown = field(asked.item, language, given)
    if sent and shown["is_cut"]:
        error = f"{error} {texts.say('cut', language)}"
    context = {
        **pages.frame(request.clinic, language, title),
        **shown,
        "t": texts.phrases(language),
        **order.fields(request, asked.key),
        "form_token": held.form_token,
        "key": asked.key,
        "wording": asked.wording(language),
        "number": number,
        "total": sheet.total,
        "progress": texts.say("progress", language, number=number, total=sheet.total),
        "is_first": is_first,
        "is_last": number == sheet.total,
        "is_saved": earlier is not None and not error,
        "error": error,
        # What an answer ends is not ended by a mere tap.
        "saves_itself": not had_treatment.is_asked_by(asked),
        "switch": pages.switch(language) if is_bilingual else None,
    }
    # Nobody writes with one tap: such a question keeps its button.
    if not request.is_rescue or asked.item.type in FIELDS:
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


def field(item: Item, language: str, given: Sequence[str]) -> dict[str, Any]:
    """How a question is answered, whatever page it stands on."""
    choices = _choices(item, language, given)
    return {
        "field": FIELDS.get(item.type, "radios"),
        "kind": _kind(item),
        "choices": [choice for choice in choices if choice.value not in _APART],
        "apart": next((choice for choice in choices if choice.value in _APART), None),
        "low": in_language(item.low, language),
        "high": in_language(item.high, language),
        "help": in_language(item.help, language),
        "unit": item.unit,
        "input_mode": {"integer": "numeric", "decimal": "decimal"}.get(item.type, ""),
        "input_type": item.type if item.type in ("date", "time") else "text",
        "length": answers.longest(item),
        **_text(item, language, given),
    }


def _text(item: Item, language: str, given: Sequence[str]) -> dict[str, Any]:
    """What stands in a field to write in; an option by its words.

    Of what is too long the first part: a page does not send back a whole megabyte.
    """
    if CANT_TELL in given or not given:
        return {"text": "", "is_cut": False}
    labels = dict(item.choices(language)) if item.options else {}
    if given[0] in labels:
        return {"text": labels[given[0]], "is_cut": False}
    words = answers.visible(given[0], keeps_lines=item.type == "text")
    limit = answers.longest(item)
    return {"text": words[:limit], "is_cut": len(words) > limit}


_APART = {CANT_TELL, NONE_OF_THESE}


def _kind(item: Item) -> str:
    if not item.is_rating:
        return "choice"
    return "rating_0_10" if len(item.values) <= WIDE_SCALE else "rating_wide"


def _choices(item: Item, language: str, given: Sequence[str]) -> list[Choice]:
    meanings = _meanings(item, language)
    return [
        Choice(value, label, value in given, meanings.get(value, ""))
        for value, label in offered(item, language)
    ]


def offered(item: Item, language: str) -> list[tuple[str, str]]:
    """What can be chosen, as (sent, read); a yes or a no has its word here."""
    if item.type == shape.BOXES:
        boxes = [(box.link_id, in_language(box.text, language)) for box in item.items]
        return [*boxes, (NONE_OF_THESE, in_language(item.none, language))]
    words = {
        str(shape.YES): texts.say("yes", language),
        str(shape.NO): texts.say("no", language),
    }
    is_yes_no = item.type == "yes_no"
    return [
        (value, words.get(value, label) if is_yes_no else label)
        for value, label in item.choices(language)
    ]


def _meanings(item: Item, language: str) -> dict[str, str]:
    """What the ends of a scale of numbers mean."""
    if not item.low:
        return {}
    first, last = str(item.values[0]), str(item.values[-1])
    return {
        first: in_language(item.low, language),
        last: in_language(item.high, language),
    }
