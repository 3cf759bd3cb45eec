"""A screen of the intake as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from outcomes.intake import ago, reading
from outcomes.intake.reading import CANT_TELL, REST
from outcomes.intake.screens import Kind
from outcomes.intake.sheet import Sheet
from outcomes.intake.steps import NONE_OF_THESE, Raw, Step
from outcomes.survey import order, pages, texts
from outcomes.survey.visits import Visit
from patients.catalogue import places, regions
from patients.catalogue.findings import ABSENT, PRESENT, UNCHANGED

# The same word in both languages.
NO = "No"


@dataclass(frozen=True, slots=True)
class Choice:
    """meaning is what a number stands for, read out with the first and the last."""

    value: str
    label: str
    is_chosen: bool
    meaning: str = ""


def render(
    visit: Visit,
    sheet: Sheet,
    number: int,
    *,
    is_end: bool,
    error: str,
    sent: Mapping[str, list[str]] | None,
) -> HttpResponse:
    """sent is a form that was refused; else the page shows what was said before."""
    step, language = sheet.steps[number - 1], visit.language
    given = sent if sent is not None else step.earlier(sheet.given)
    title = texts.say("intake_title", language, number=number, total=sheet.total)
    is_fault = bool(error) and error != REST
    if is_fault:
        title = texts.say("error_title", language, title=title)
    context = {
        **pages.frame(visit.request.clinic, language, title),
        **_CONTENTS[step.kind](step, given, language),
        "t": texts.phrases(language),
        **order.fields(visit.request, step.key),
        "form_token": visit.session.form_token,
        "key": step.key,
        "kind": step.kind.value,
        "about": _about(step, language),
        "wording": wording(step, language),
        "hint": step.screen.hint.get(language, "") if _has_hint(step) else "",
        "number": number,
        "total": sheet.total,
        "progress": texts.say("progress", language, number=number, total=sheet.total),
        "is_first": number == 1,
        "is_end": is_end,
        "is_saved": bool(given) and not error,
        "error": _error(error, given, language),
        "is_fault": is_fault,
        "switch": pages.switch(language),
    }
    return pages.render("intake/step", context)


def _error(key: str, given: Raw, language: str) -> str:
    if not key:
        return ""
    sizes = {"length": len(_written(given)), "limit": reading.TEXT_LENGTH}
    return texts.say(key, language, **sizes)


def _written(given: Raw) -> str:
    return "".join(given.get("answer", ())[:1]).strip()


def wording(step: Step, language: str) -> str:
    asked = step.definition.question[language]
    if step.kind == Kind.KNOWN and step.since:
        day = texts.day(step.since, language)
        what = asked[0].lower() + asked[1:]
        return texts.say("known_question", language, day=day, what=what)
    return step.screen.heading[language] if step.kind == Kind.FLAGS else asked


def _has_hint(step: Step) -> bool:
    return step.kind not in (Kind.KNOWN, Kind.DETAIL)


def _about(step: Step, language: str) -> str:
    """Which pain a question is about; empty where it is about the person."""
    if not step.site:
        return ""
    phrase = places.site_phrase(step.site, step.side, language)
    return phrase[0].upper() + phrase[1:]


def _map(step: Step, given: Raw, language: str) -> dict[str, Any]:
    return {
        "regions": regions.choices(language),
        "chosen": set(given.get("regions", ())),
        "worst": "".join(given.get("worst_region", ())[:1]),
        "cant_tell": _apart("cant_show", given, language),
    }


def _ago(step: Step, given: Raw, language: str) -> dict[str, Any]:
    cant_tell = _apart("cant_tell", given, language, field="unit")
    return {**_since(given, language), "cant_tell": cant_tell}


def _since(given: Raw, language: str) -> dict[str, Any]:
    chosen = given.get("unit", ())
    return {
        "since_number": "".join(given.get("number", ())[:1]),
        "units": [
            Choice(unit, texts.say(unit, language), unit in chosen)
            for unit in ago.UNITS
        ],
    }


def _scale(step: Step, given: Raw, language: str) -> dict[str, Any]:
    low, high = int(step.definition.low or 0), int(step.definition.high or 0)
    ends = {
        low: texts.say("scale_low", language),
        high: texts.say("scale_high", language),
    }
    chosen = given.get("answer", ())
    return {
        "choices": [
            Choice(str(n), str(n), str(n) in chosen, ends.get(n, ""))
            for n in range(low, high + 1)
        ],
        "low": ends[low],
        "high": ends[high],
        "cant_tell": _apart("cant_tell", given, language),
    }


def _boxes(step: Step, given: Raw, language: str) -> dict[str, Any]:
    labels = {key: o.words[language] for key, o in reading.options(step).items()}
    choices = _choices(labels, given)
    last = [choice for choice in choices if choice.value == reading.NOTHING]
    return {
        "choices": [choice for choice in choices if choice not in last],
        "cant_tell": last[0] if last else None,
    }


def _symptom(step: Step, given: Raw, language: str) -> dict[str, Any]:
    sides = {
        side: texts.say(key, language)
        for side, key in (
            ("left", "only_left"),
            ("right", "only_right"),
            ("both", "both_sides"),
        )
    }
    return {
        "choices": _choices({"no": NO, **sides}, given),
        "cant_tell": _apart("not_sure", given, language),
        **_since(given, language),
    }


def _flags(step: Step, given: Raw, language: str) -> dict[str, Any]:
    labels = {found.key: found.question[language] for found in step.asks}
    chosen = set(given.get("answer", ()))
    is_rest = bool(chosen & set(labels)) and NONE_OF_THESE not in chosen
    last = "none_of_the_others" if is_rest else "none_of_these"
    return {
        "choices": _choices(labels, given),
        "cant_tell": _apart(last, given, language, value=NONE_OF_THESE),
    }


def _known(step: Step, given: Raw, language: str) -> dict[str, Any]:
    labels = {
        PRESENT: texts.say("new_or_worse", language),
        UNCHANGED: texts.say("same_as_before", language),
        ABSENT: texts.say("not_any_more", language),
    }
    return {"choices": _choices(labels, given), "cant_tell": None}


def _detail(step: Step, given: Raw, language: str) -> dict[str, Any]:
    labels = {"yes": texts.say("yes", language), "no": NO}
    return {
        "choices": _choices(labels, given),
        "cant_tell": _apart("not_sure", given, language),
    }


def _text(step: Step, given: Raw, language: str) -> dict[str, Any]:
    return {
        "text": _written(given)[: reading.TEXT_LENGTH],
        "length": reading.TEXT_LENGTH,
    }


def _choices(labels: Mapping[str, str], given: Raw) -> Sequence[Choice]:
    chosen = given.get("answer", ())
    return [Choice(key, label, key in chosen) for key, label in labels.items()]


def _apart(
    key: str,
    given: Raw,
    language: str,
    *,
    value: str = CANT_TELL,
    field: str = "answer",
) -> Choice:
    """The answer that stands below the others."""
    return Choice(value, texts.say(key, language), value in given.get(field, ()))


_CONTENTS = {
    Kind.MAP: _map,
    Kind.AGO: _ago,
    Kind.SCALE: _scale,
    Kind.BOXES: _boxes,
    Kind.SYMPTOM: _symptom,
    Kind.FLAGS: _flags,
    Kind.KNOWN: _known,
    Kind.DETAIL: _detail,
    Kind.TEXT: _text,
}
