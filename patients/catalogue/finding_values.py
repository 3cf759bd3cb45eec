"""From what was typed to the one spelling in which a finding's value is stored.

Each reader gets the finding, the text without spaces around it, and today; ValueError
says what is wrong.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patients.catalogue.findings import Definition

TEXT_LENGTH = 2000
# An index is read to hundredths. A finer one is not rounded here: that would move a
# pressure of 0.904 across the threshold of 0.90.
RATIO_PLACES = 2
SHOWN_LENGTH = 40


def read_option(definition: "Definition", text: str, today: date) -> str:
    if text not in definition.options:
        known = ", ".join(definition.options)
        raise ValueError(f"{_shown(text)!r} is not one of: {known}.")
    return text


def read_options(definition: "Definition", text: str, today: date) -> str:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return ",".join(
        dict.fromkeys(read_option(definition, part, today) for part in parts)
    )


def read_number(definition: "Definition", text: str, today: date) -> str:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{_shown(text)!r} is not a number.") from None
    low, high = definition.low or Decimal(0), definition.high or Decimal(0)
    if not number.is_finite() or not low <= number <= high:
        unit = f" {definition.unit}" if definition.unit else ""
        raise ValueError(f"{_shown(text)} is not between {low} and {high}{unit}.")
    if definition.unit != "ratio":
        if number != int(number):
            raise ValueError(f"{_shown(text)} is not a whole number.")
    elif number != round(number, RATIO_PLACES):
        raise ValueError(f"{_shown(text)} has more than {RATIO_PLACES} decimals.")
    return f"{number.normalize():f}"


def read_range(definition: "Definition", text: str, today: date) -> str:
    """Degrees, or one of the words, which people also type as they read them."""
    for option in definition.options.values():
        if text.lower() in (option.key, option.label):
            return option.key
    return read_number(definition, text.rstrip("° "), today)


def read_date(definition: "Definition", text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        said = f"{_shown(text)!r} is not a day such as 2026-03-14."
        raise ValueError(said) from None
    if day > today:
        raise ValueError(f"{text} is in the future.")
    return day.isoformat()


def read_text(definition: "Definition", text: str, today: date) -> str:
    if len(text) > TEXT_LENGTH:
        raise ValueError(f"Use at most {TEXT_LENGTH} characters.")
    # A browser sends its own line ends; one spelling, so that nothing seems changed.
    return text.replace("\x00", "").replace("\r\n", "\n")


def _shown(text: str) -> str:
    """Enough to recognise what was typed: a message is no place for pages of digits."""
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"


READERS: Mapping[str, Callable[["Definition", str, date], str]] = {
    "presence": read_option,
    "choice": read_option,
    "choices": read_options,
    "grade": read_number,
    "number": read_number,
    "scale": read_number,
    "range": read_range,
    "date": read_date,
    "text": read_text,
    "region": read_text,
    "regions": read_text,
}
