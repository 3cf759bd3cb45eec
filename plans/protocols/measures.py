"""The vocabulary of what time points ask for and goals aim at."""

import functools
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry

PATH = Path(__file__).parent / "data" / "measures.csv"
COLUMNS = ("key", "label", "unit", "who", "low", "high", "better_is", "source")
# What the source of a slot says.
SLOT = "an empty slot until the clinic fills it"
RESPONDENTS = ("patient", "clinician", "both")
# Weight is better lower for most and higher for some: a goal may aim either way.
DIRECTIONS = ("lower", "higher", "either")
# What a comparison wants of a value.
AIMS = {"at_most": "lower", "less_by_percent": "lower", "at_least": "higher"}


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    name: str
    unit: str
    who: str
    source: str


@dataclass(frozen=True, slots=True)
class KnownMeasure(Measure):
    """One with a scale, so that a goal can aim at a value of it."""

    minimum: Decimal
    maximum: Decimal
    better_is: str

    def refusal(self, comparison: str) -> str:
        """Why a goal may not compare so, in words; empty where it may.

        A word that is no comparison is refused as such, before it aims anywhere.
        """
        aims = AIMS.get(comparison, "either")
        if "either" in (aims, self.better_is) or aims == self.better_is:
            return ""
        if self.better_is == "higher":
            return f"{self.name} is to rise: aim at least at a value."
        return f"{self.name} is to fall: aim at most at a value, or less by percent."


@functools.cache
def vocabulary() -> dict[str, Measure]:
    """Everything that a time point can ask for, by key."""
    found: dict[str, Measure] = {}
    for entry in reference_data.read_csv(PATH, COLUMNS):
        measure = _measure(entry, found)
        found[measure.key] = measure
    return found


@functools.cache
def slots() -> dict[str, Measure]:
    """What a clinic fills with a questionnaire of its own, by key."""
    return {
        measure.key: measure
        for measure in vocabulary().values()
        if measure.source == SLOT
    }


@functools.cache
def known() -> dict[str, KnownMeasure]:
    """What a goal can aim at, by key, in the order in which it is offered."""
    return {
        measure.key: measure
        for measure in vocabulary().values()
        if isinstance(measure, KnownMeasure)
    }


def _measure(entry: Entry, found: dict[str, Measure]) -> Measure:
    named = (
        entry.unique_text("key", found),
        entry.text("label"),
        entry.optional_text("unit"),
        entry.choice("who", RESPONDENTS),
        entry.text("source"),
    )
    if not entry.has("low"):
        return Measure(*named)
    low, high = _amount(entry, "low"), _amount(entry, "high")
    better_is = entry.choice("better_is", DIRECTIONS)
    return KnownMeasure(*named, low, high, better_is)


def _amount(entry: Entry, key: str) -> Decimal:
    text = entry.text(key)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise entry.error(key, f"must be a number, not {text!r}.") from None
