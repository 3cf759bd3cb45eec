"""Reads what a form sent into answers: each is what its question offers. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    CANT_TELL,
    NO,
    NONE_OF_THESE,
    YES,
    Given,
    Item,
    in_language,
)

# Nobody types more on a phone; what is pasted is cut off by nobody, but refused.
LONGEST_TEXT, LONGEST_LINE = 4000, 200
_NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,6})?")
# Turns the writing around or hides what is written.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Joins emoji, and Persian and Indic letters, that fall apart without them.
_JOINERS = {"\u200d", "\u200c"}

MESSAGES = {
    "en": {
        "missing": "Please choose an answer.",
        "rating": "Please choose a number from {low} to {high}.",
        "choice": "Please choose one of the answers shown.",
        "boxes": "Please choose all that fit. If nothing fits, choose the last box.",
        "none_and_more": "You chose “{none}” and more. Please leave only what fits.",
        "number": "Please enter a number, such as {low}.",
        "range": "Please enter a number from {low} to {high}.",
        "written": "Please write an answer.",
        "long": "That is too long: {length:,} characters. At most {limit:,} fit here.",
        "date": "Please enter a date, such as 2024-05-31.",
        "time": "Please enter a time, such as 14:30.",
    },
    "es": {
        "missing": "Por favor, elija una respuesta.",
        "rating": "Por favor, elija un número del {low} al {high}.",
        "choice": "Por favor, elija una de las respuestas.",
        "boxes": "Marque todo lo que corresponda. Si no hay nada, marque lo último.",
        "none_and_more": "Marcó “{none}” y algo más. Deje solo lo que corresponda.",
        "number": "Escriba un número, por ejemplo {low}.",
        "range": "Escriba un número del {low} al {high}.",
        "written": "Por favor, escriba una respuesta.",
        "long": "Es muy largo: {length:,} letras. Aquí caben {limit:,}.",
        "date": "Escriba una fecha, por ejemplo 2024-05-31.",
        "time": "Escriba una hora, por ejemplo 14:30.",
    },
}


class AnswerError(ValueError):
    """What was sent is no answer to the question; the message says what to do."""


def read(item: Item, sent: Sequence[str], language: str = "en") -> dict[str, Given]:
    """The answers by link id: one, or one for each box; AnswerError says what to do.

    None is "cannot tell", or left empty where that may be.
    """
    if item.type == shape.BOXES:
        return _boxes(item, sent, language)
    if item.type == shape.DISPLAY:
        return {item.link_id: None}
    # A field to write in comes first, and the box "I can't tell" after it.
    text = next((each.strip() for each in sent if each.strip()), "")
    if not text:
        if item.is_optional:
            return {item.link_id: None}
        is_written = item.type in shape.WORDED
        raise _error("written" if is_written else "missing", language)
    if text == CANT_TELL and item.allows_cant_tell:
        return {item.link_id: None}
    return {item.link_id: _one(item, text, language)}


def _boxes(item: Item, sent: Sequence[str], language: str) -> dict[str, Given]:
    """Each box as it was asked: checked, or left empty beside "none of these"."""
    chosen = {each for each in sent if each}
    known = {box.link_id for box in item.items}
    if not chosen:
        raise _error("boxes", language)
    if chosen - known - {NONE_OF_THESE}:
        raise _error("choice", language)
    if NONE_OF_THESE in chosen and len(chosen) > 1:
        none = in_language(item.none, language)
        raise _error("none_and_more", language, none=none)
    return {
        box.link_id: Decimal(YES if box.link_id in chosen else NO) for box in item.items
    }


def _one(item: Item, text: str, language: str) -> Given:
    if item.is_coded:
        return _coded(item, text, language)
    if item.type in shape.NUMBERS:
        return _number(item, text, language)
    if item.type == "date":
        return _date(text, language)
    if item.type == "time":
        return _time(text, language)
    return _words(item, text, language)


def _coded(item: Item, text: str, language: str) -> Given:
    if re.fullmatch("-?[0-9]{1,4}", text) and int(text) in item.values:
        return Decimal(int(text))
    if item.type == "open_choice":
        offered = _offered(item, text)
        return _words(item, text, language) if offered is None else offered
    if not item.is_rating:
        raise _error("choice", language)
    raise _error("rating", language, low=item.values[0], high=item.values[-1])


def _offered(item: Item, text: str) -> Decimal | None:
    """The option that was typed or picked by its own words, in whatever language."""
    for option in item.options:
        if text in option.label.values():
            return Decimal(option.value)
    return None


def _number(item: Item, text: str, language: str) -> Decimal:
    low = item.minimum if item.minimum is not None else Decimal(0)
    if not _NUMBER.fullmatch(text):
        raise _error("number", language, low=f"{low:f}")
    value = Decimal(text.replace(",", "."))
    if not item.accepts(value):
        high = item.maximum if item.maximum is not None else Decimal(999999999)
        raise _error("range", language, low=f"{low:f}", high=f"{high:f}")
    return value


def _date(text: str, language: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _error("date", language) from None


def _time(text: str, language: str) -> str:
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", text):
        raise _error("time", language)
    return text


def _words(item: Item, text: str, language: str) -> str | None:
    limit = longest(item)
    words = visible(text, keeps_lines=item.type == "text")
    if not words and item.is_optional:
        return None
    if not words:
        raise _error("written", language)
    if len(words) > limit:
        raise _error("long", language, length=len(words), limit=limit)
    return words


def longest(item: Item) -> int:
    """How many characters of a text fit; of what is pasted, none is cut off unsaid."""
    most = LONGEST_TEXT if item.type == "text" else LONGEST_LINE
    return min(item.max_length or most, most)


def visible(text: str, *, keeps_lines: bool = True) -> str:
    """Without what nobody can see; emoji and right-to-left letters stay as they are."""
    kept = "".join(
        char
        for char in text.replace("\r\n", "\n").replace("\r", "\n")
        if char in _JOINERS
        or (char == "\n" and keeps_lines)
        or unicodedata.category(char) not in _HIDDEN
    ).strip()
    return kept if kept.strip("".join(_JOINERS)) else ""


def _error(key: str, language: str, **values: object) -> AnswerError:
    messages = MESSAGES.get(language, MESSAGES["en"])
    return AnswerError(messages[key].format(**values))
