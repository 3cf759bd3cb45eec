"""What a questionnaire is: its questions, when each is asked, what they measure. Pure.

The shape follows the FHIR R4 Questionnaire: items with a link id, a type, options,
conditions and translations. A published version never changes: its fingerprint is kept
beside every answer.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from clinic import reference_data

# What was answered: a number, words, or None where the patient cannot tell.
Given = Decimal | str | None
Values = Mapping[str, Given]
Words = Mapping[str, str]

CANT_TELL = "cant_tell"
NONE_OF_THESE = "none"
SITE = "{site}"
# Every item of its own wording is one of these kinds ...
RATINGS = ("rating_0_10", "rating")
CODED = (*RATINGS, "choice", "open_choice", "yes_no")
NUMBERS = ("integer", "decimal")
WORDED = ("text", "line", "date", "time")
# ... or holds others, or only says something.
BOXES, GROUP, DISPLAY = "boxes", "group", "display"
TYPES = (*CODED, *NUMBERS, *WORDED, BOXES, GROUP, DISPLAY)
WHEN = ("always", "before_anchor", "after_anchor")
SCOPES = ("complaint", "patient")
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
# A condition that holds others together.
ALL, ANY = "all", "any"
YES, NO = 1, 0


def in_language(words: Words, language: str) -> str:
    """The words; in the first language there is where this one is missing."""
    return words.get(language) or next(iter(words.values()), "")


@dataclass(frozen=True, slots=True)
class Option:
    """code and system are what another system calls it; a weight counts in scores."""

    value: int
    label: dict[str, str]
    code: str = ""
    system: str = ""
    weight: Decimal | None = None

    @property
    def points(self) -> Decimal:
        return Decimal(self.value) if self.weight is None else self.weight


@dataclass(frozen=True, slots=True)
class Condition:
    """One answer that another question hangs on; `answer` is a number or a text.

    Or several of them, where the operator is all or any: it names no question then.
    """

    question: str
    operator: str
    answer: str
    conditions: "tuple[Condition, ...]" = ()

    def single(self) -> "Iterator[Condition]":
        """Itself, or those that it holds together, however deep."""
        if self.operator not in (ALL, ANY):
            yield self
        for each in self.conditions:
            yield from each.single()


@dataclass(frozen=True, slots=True)
class Item:
    """One question; low, high and cant_tell are empty where it has none.

    Where the complaint's site is one of skip_when_site the question is not asked,
    and its score comes from the answer to the item named by score_from. It is asked
    at time points that want one of asked_for; without any, at all of them.
    """

    link_id: str
    type: str
    text: dict[str, str]
    measure: str = ""
    when: str = "always"
    scope: str = "patient"
    low: dict[str, str] = field(default_factory=dict)
    high: dict[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    cant_tell: dict[str, str] = field(default_factory=dict)
    skip_when_site: tuple[str, ...] = ()
    score_from: str = ""
    only_sites: tuple[str, ...] = ()
    asked_for: tuple[str, ...] = ()
    # The range of a number or a rating, and its step; the length of a text.
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    step: int = 0
    max_length: int = 0
    unit: str = ""
    help: dict[str, str] = field(default_factory=dict)
    enable_when: tuple[Condition, ...] = ()
    # Whether one condition is enough; otherwise all must hold.
    enable_any: bool = False
    is_optional: bool = False
    is_hidden: bool = False
    is_read_only: bool = False
    initial: str = ""
    # Reckoned from other answers, in FHIRPath.
    formula: str = ""
    # A key of the red flags, or a category of adverse events, that a "yes" opens.
    flag: str = ""
    harm: str = ""
    # What another system calls the question; of a box, the answer that it stands for.
    code: str = ""
    system: str = ""
    # Of a box, what it counts in scores where it is checked.
    weight: Decimal | None = None
    # Of boxes and groups.
    items: "tuple[Item, ...]" = ()
    none: dict[str, str] = field(default_factory=dict)

    @property
    def allows_cant_tell(self) -> bool:
        return bool(self.cant_tell)

    @property
    def is_coded(self) -> bool:
        return self.type in CODED

    @property
    def is_never_asked(self) -> bool:
        """Reckoned, given beforehand, or kept from patients."""
        is_shown_only = self.type in (GROUP, DISPLAY)
        is_filled_in = self.is_read_only or bool(self.formula)
        return self.is_hidden or (is_filled_in and not is_shown_only)

    @property
    def constant(self) -> Given:
        """What stands for an answer to a question that nobody is asked."""
        if not self.initial or not self.is_never_asked:
            return None
        return self.initial if self.type in WORDED else Decimal(self.initial)

    @property
    def is_rating(self) -> bool:
        return self.type in RATINGS

    @property
    def values(self) -> tuple[int, ...]:
        """All that can be answered, where that can be counted."""
        if self.type == "rating_0_10":
            return tuple(range(11))
        if self.type == "rating" and self.minimum is not None:
            last = int(self.maximum if self.maximum is not None else self.minimum)
            return tuple(range(int(self.minimum), last + 1, self.step or 1))
        if self.type == "yes_no":
            return YES, NO
        return tuple(option.value for option in self.options)

    def accepts(self, given: Given) -> bool:
        """Whether this can be an answer to it, once the form has read it."""
        if given is None:
            return self.allows_cant_tell or self.is_optional or self.type == DISPLAY
        if isinstance(given, str):
            return self.type in WORDED or self.type == "open_choice"
        if self.is_coded:
            return given in self.values
        is_low = self.minimum is not None and given < self.minimum
        is_high = self.maximum is not None and given > self.maximum
        is_whole = self.type == "decimal" or given == given.to_integral_value()
        return self.type in NUMBERS and is_whole and not (is_low or is_high)

    def points(self, value: Decimal) -> Decimal:
        """What an answer counts in a score."""
        weights = {option.value: option.points for option in self.options}
        if self.weight is not None:
            return self.weight * value
        return weights.get(int(value), value) if self.options else value

    def wording(self, language: str, site_phrase: str) -> str:
        return in_language(self.text, language).replace(SITE, site_phrase)

    def choices(self, language: str) -> list[tuple[str, str]]:
        """(what the form sends, what the patient reads), 'cannot tell' last."""
        labels = {
            option.value: in_language(option.label, language) for option in self.options
        }
        choices = [(str(v), labels.get(v, str(v))) for v in self.values]
        if self.allows_cant_tell:
            choices.append((CANT_TELL, in_language(self.cant_tell, language)))
        return choices

    def walk(self) -> "Iterator[Item]":
        """Itself and all that stands in it."""
        yield self
        for each in self.items:
            yield from each.walk()

    @property
    def answered(self) -> "tuple[Item, ...]":
        """What an answer is kept of: itself, or each of its boxes."""
        return self.items if self.type == BOXES else (self,)


@dataclass(frozen=True, slots=True)
class Band:
    """Scores up to this one are called so, and count as its value if it has one."""

    up_to: Decimal
    label: dict[str, str]
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """How answers to several questions make one score (outcomes.instruments.scoring).

    `at_least` is how many of the questions asked must be answered: 0 means all.
    """

    measure: str
    method: str
    items: tuple[str, ...]
    reversed: tuple[str, ...] = ()
    weights: dict[str, Decimal] = field(default_factory=dict)
    at_least: int = 0
    # A sum is scaled up for what is missing.
    is_prorated: bool = False
    # From the lowest and highest that the questions can give to this range.
    rescale_to: tuple[Decimal, ...] = ()
    # From the raw score to the published one, such as a T score.
    table: dict[str, Decimal] = field(default_factory=dict)
    bands: tuple[Band, ...] = ()
    decimals: int = 0
    # FHIRPath over the answers to the items (outcomes.instruments.formulas).
    formula: str = ""


@dataclass(frozen=True)  # no slots: cached_property needs a __dict__
class InstrumentDefinition:
    """One version of a questionnaire; a published version never changes.

    `licence` says on what ground its text may be used, `copyright` whose it is.
    """

    key: str
    version: int
    title: dict[str, str]
    items: tuple[Item, ...]
    scales: tuple[Scale, ...] = ()
    languages: tuple[str, ...] = ()
    recall: str = ""
    licence: str = ""
    copyright: str = ""
    url: str = ""

    @functools.cached_property
    def sha256(self) -> str:
        return reference_data.fingerprint(self.to_json())

    @functools.cached_property
    def by_link_id(self) -> Mapping[str, Item]:
        return {item.link_id: item for item in self.walk()}

    def walk(self) -> Iterator[Item]:
        """Every item, also those within others, in their order."""
        for item in self.items:
            yield from item.walk()

    @property
    def measures(self) -> tuple[str, ...]:
        """What its answers make scores of, in the order in which they are reckoned."""
        single = [item.measure for item in self.walk() if item.measure]
        return (*single, *(scale.measure for scale in self.scales))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that `reading.stored` reads back as an equal definition.

        What is empty is left out, so that a new property changes no old fingerprint.
        """
        content: dict[str, Any] = _full(
            json.loads(json.dumps(asdict(self), default=str))
        )
        return content


def _full(content: Any) -> Any:
    """Without what is empty: a text, a list, a table, a "no" or nothing; 0 is kept."""
    if isinstance(content, dict):
        return {
            key: _full(value)
            for key, value in content.items()
            if value or (value == 0 and value is not False and key == "value")
        }
    if isinstance(content, list):
        return [_full(value) for value in content]
    return content


@dataclass(frozen=True, slots=True)
class MeasureDefinition:
    """A measure; mic_points and mic_percent are the change that matters to patients.

    mdc_points is what a measurement may be off by in one person; pass_at is where most
    patients call their state acceptable.
    """

    key: str
    name: str
    short_name: str
    role: str
    minimum: Decimal
    maximum: Decimal
    decimals: int
    better_is: str
    mic_points: Decimal | None
    mic_percent: Decimal | None
    mic_detail: str
    sources: tuple[str, ...]
    recall: str
    asked_at_baseline: bool
    mdc_points: Decimal | None = None
    pass_at: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """At which point of which course somebody is asked.

    `wanted` are the measures of the time point; None where it is not known, and then
    it is the set that every course has.
    """

    site: str
    is_after_anchor: bool
    wanted: frozenset[str] | None = None

    def asks(self, item: Item) -> bool:
        is_time = item.when == "always" or (
            (item.when == "after_anchor") == self.is_after_anchor
        )
        is_place = self.site not in item.skip_when_site and (
            not item.only_sites or self.site in item.only_sites
        )
        wanted = ALWAYS_WANTED if self.wanted is None else self.wanted
        is_wanted = not item.asked_for or not wanted.isdisjoint(item.asked_for)
        return is_time and is_place and is_wanted


ALWAYS_WANTED = frozenset(
    {"pain_site", "pain_back", "activity_limits", "global_change"}
)
