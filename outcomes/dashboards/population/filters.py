"""The line of plain words that says what is counted, and the choices behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clinic import access
from clinic.models import User
from outcomes.dashboards import statistics
from outcomes.dashboards.charts import text
from outcomes.dashboards.figures import choices
from outcomes.dashboards.figures.choices import ADDED, Choices
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS, Groups
from outcomes.dashboards.statistics import Rule
from outcomes.models import Measure

ALL_ASKED = ("measure", "by", "rule", "day")


class Counted(Protocol):
    """Figures of any kind, as far as what was chosen for them goes."""

    @property
    def measures(self) -> Sequence[Measure]: ...
    @property
    def chosen(self) -> Choices: ...
    @property
    def rule(self) -> Rule: ...
    @property
    def there_are(self) -> Groups: ...
    @property
    def days(self) -> Sequence[int]: ...
    @property
    def day(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A choice of one; `name` is that of the address."""

    name: str
    label: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    """A word of what is counted; its address shows the same without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class Filters:
    main: Sequence[Select]
    more: Sequence[Select]
    chips: Sequence[Chip]
    chosen: Choices
    may_choose: bool

    @property
    def added(self) -> Sequence[tuple[str, str]]:
        return tuple(ADDED.items())


def of(user: User, found: Counted, asks: Sequence[str] = ALL_ASKED) -> Filters:
    """A query for each kind of group whose names stand in rows.

    `asks` are the choices of one that the page makes a difference by.
    """
    may_choose = access.sees_small_cells(user)
    words = _words(found) if may_choose else {}
    return Filters(
        main=[one for one in _main(found, may_choose=may_choose) if one.name in asks],
        more=[_narrowing(found, name, own) for name, own in words.items()],
        chips=_chips(found.chosen, words),
        chosen=found.chosen,
        may_choose=may_choose,
    )


def _words(found: Counted) -> dict[str, Mapping[str, str]]:
    """Of each dimension that tells people apart here, the names of its groups."""
    keys = found.there_are.keys
    return {
        name: found.there_are.named(name)
        for name in DIMENSIONS
        if len(keys.get(name, ())) > 1 or name in found.chosen.narrowed
    }


def _main(found: Counted, *, may_choose: bool) -> list[Select]:
    chosen = found.chosen
    groupings = DIMENSIONS if may_choose else choices.COARSE
    rules = statistics.RULES.values() if may_choose else [found.rule]
    by = [(name, DIMENSIONS[name].by) for name in groupings]
    return [
        _select(
            *("measure", "Measure", chosen.measure),
            [(one.key, one.name) for one in found.measures],
        ),
        _select("by", "Groups", chosen.by, [*by, (ALL, "all together")]),
        _select(
            *("rule", "Improved means", chosen.rule),
            [(rule.key, rule.label) for rule in rules],
        ),
        _select(
            *("day", "Rates at", str(found.day)),
            [(str(day), text.day_words(day)) for day in found.days],
        ),
    ]


def _select(
    name: str, label: str, own: str, options: Sequence[tuple[str, str]]
) -> Select:
    return Select(
        name, label, [Option(key, words, key == own) for key, words in options]
    )


def _narrowing(found: Counted, name: str, words: Mapping[str, str]) -> Select:
    own = found.chosen.narrowed.get(name)
    groups = sorted(words.items(), key=lambda each: (not each[0], each[1].lower()))
    options = [("", "all")] + [(key or choices.NONE, said) for key, said in groups]
    chosen = "" if own is None else own or choices.NONE
    return _select(name, DIMENSIONS[name].noun, chosen, options)


def _chips(chosen: Choices, words: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    chips = [
        Chip(
            DIMENSIONS[name].noun,
            words[name].get(key, key),
            chosen.address(**{name: None}),
        )
        for name, key in chosen.narrowed.items()
        if name in words
    ]
    if chosen.begins_on or chosen.ends_on:
        without = chosen.address(**{"from": None, "until": None})
        chips.append(Chip("Began", _period(chosen), without))
    if chosen.baseline_from is not None:
        said = f"≥ {chosen.baseline_from:g}"
        chips.append(Chip("Baseline", said, chosen.address(baseline_from=None)))
    if chosen.added:
        said = ADDED[chosen.added]
        chips.append(Chip("More treatment", said, chosen.address(added=None)))
    return chips


def _period(chosen: Choices) -> str:
    first = f"from {chosen.begins_on:%-d %b %Y}" if chosen.begins_on else ""
    last = f"until {chosen.ends_on:%-d %b %Y}" if chosen.ends_on else ""
    return " ".join(filter(None, (first, last)))
