"""What is measured and how it is asked, read from data files and from stored copies."""

import dataclasses
import functools
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from clinic import reference_data
from clinic.reference_data import Entry
from patients.catalogue import places

DATA = Path(__file__).parent / "data"
LANGUAGES = ("en", "es")
ROLES = ("site", "back", "none")
DIRECTIONS = ("lower", "higher")
TYPES = ("rating_0_10", "choice")
WHEN = ("always", "after_anchor")
SCOPES = ("complaint", "patient")
CANT_TELL = "cant_tell"
SITE = "{site}"
CORE, THREE_TAPS = "core_follow_up", "three_taps"


@dataclass(frozen=True, slots=True)
class MeasureDefinition:
    """A measure; mic_points and mic_percent are the change that matters to patients."""

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


@dataclass(frozen=True, slots=True)
class Option:
    value: int
    label: dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One question; low, high and cant_tell are empty where it has none.

    Where the complaint's site is one of skip_when_site the question is not asked,
    and its score comes from the answer to the item named by score_from.
    """

    link_id: str
    measure: str
    type: str
    when: str
    scope: str
    text: dict[str, str]
    low: dict[str, str]
    high: dict[str, str]
    options: tuple[Option, ...]
    cant_tell: dict[str, str]
    skip_when_site: tuple[str, ...]
    score_from: str

    @property
    def allows_cant_tell(self) -> bool:
        return bool(self.cant_tell)

    @property
    def values(self) -> tuple[int, ...]:
        if self.type == "choice":
            return tuple(option.value for option in self.options)
        return tuple(range(11))

    def wording(self, language: str, site_phrase: str) -> str:
        return self.text[language].replace(SITE, site_phrase)

    def choices(self, language: str) -> list[tuple[str, str]]:
        """(what the form sends, what the patient reads), 'cannot tell' last."""
        labels = {option.value: option.label[language] for option in self.options}
        choices = [(str(v), labels.get(v, str(v))) for v in self.values]
        if self.allows_cant_tell:
            choices.append((CANT_TELL, self.cant_tell[language]))
        return choices


@dataclass(frozen=True)  # no slots: cached_property needs a __dict__
class InstrumentDefinition:
    """One version of a questionnaire; a published version never changes."""

    key: str
    version: int
    title: dict[str, str]
    items: tuple[Item, ...]

    @functools.cached_property
    def sha256(self) -> str:
        return reference_data.fingerprint(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that from_json reads back as an equal definition."""
        content = json.loads(json.dumps(dataclasses.asdict(self)))
        content["items"] = [
            {key: value for key, value in item.items() if value}
            for item in content["items"]
        ]
        return dict(content)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "InstrumentDefinition":
        """A stored copy; it may name measures that are no longer shipped."""
        return _instrument(Entry("stored instrument", content))


@functools.cache
def measures() -> dict[str, MeasureDefinition]:
    return read_measures(DATA / "measures.toml")


@functools.cache
def instruments() -> dict[str, InstrumentDefinition]:
    return {key: load(DATA / f"{key}.toml") for key in (CORE, THREE_TAPS)}


def ends_of_scale(measure_key: str) -> tuple[Option, Option] | None:
    """The first and last step of a measure that is answered in words."""
    for instrument in instruments().values():
        for item in instrument.items:
            if item.measure == measure_key and item.options:
                return item.options[0], item.options[-1]
    return None


def items_for(
    instrument: InstrumentDefinition, is_after_anchor: bool, site: str
) -> list[Item]:
    """The questions of one complaint at one time point, in the order they are asked."""
    return [
        item
        for item in instrument.items
        if (is_after_anchor or item.when == "always")
        and site not in item.skip_when_site
    ]


def read_measures(path: Path) -> dict[str, MeasureDefinition]:
    cited = reference_data.read_sources(DATA / "sources.csv")
    file = reference_data.read_toml(path)
    found: dict[str, MeasureDefinition] = {}
    for entry in file.tables("measures"):
        measure = _measure(entry, found, cited)
        found[measure.key] = measure
    file.finish()
    return found


def load(path: Path) -> InstrumentDefinition:
    """One instrument file; ReferenceDataError names the file and the key at fault."""
    entry = reference_data.read_toml(path)
    instrument = _short(entry, path) if entry.has("short_of") else _instrument(entry)
    if instrument.key != path.stem:
        raise entry.error("key", f"must be {path.stem!r}, as the file is named.")
    for item in instrument.items:
        _check_against_catalogue(entry, item)
    return instrument


def _measure(
    entry: Entry, used: Collection[str], cited: Collection[str]
) -> MeasureDefinition:
    measure = MeasureDefinition(
        key=entry.unique_text("key", used),
        name=entry.text("name"),
        short_name=entry.text("short_name"),
        role=entry.choice("role", ROLES),
        minimum=entry.number("minimum"),
        maximum=entry.number("maximum"),
        decimals=entry.integer("decimals"),
        better_is=entry.choice("better_is", DIRECTIONS),
        mic_points=entry.optional_number("mic_points"),
        mic_percent=entry.optional_number("mic_percent"),
        mic_detail=entry.text("mic_detail"),
        sources=entry.texts("sources"),
        recall=entry.text("recall"),
        asked_at_baseline=entry.flag("asked_at_baseline"),
    )
    entry.finish()
    if measure.minimum >= measure.maximum:
        raise entry.error("maximum", f"must be above the minimum {measure.minimum}.")
    for source in measure.sources:
        if source not in cited:
            raise entry.error("sources", f"{source!r} is not a key of sources.csv.")
    return measure


def _short(entry: Entry, path: Path) -> InstrumentDefinition:
    """Some questions of another instrument, which stands in a file beside it."""
    whole = load(path.with_name(f"{entry.text('short_of')}.toml"))
    items = {item.link_id: item for item in whole.items}
    asks = entry.texts("asks")
    for link_id in asks:
        if link_id not in items:
            raise entry.error("asks", f"{link_id!r} is no question of {whole.key}.")
    if not asks or len(set(asks)) < len(asks):
        raise entry.error("asks", "must name at least one question, each once.")
    short = InstrumentDefinition(
        key=entry.text("key"),
        version=entry.integer("version"),
        title=_translations(entry, "title"),
        items=tuple(items[link_id] for link_id in asks),
    )
    entry.finish()
    return short


def _instrument(entry: Entry) -> InstrumentDefinition:
    items: dict[str, Item] = {}
    for table in entry.tables("items"):
        item = _item(table, items)
        items[item.link_id] = item
    instrument = InstrumentDefinition(
        key=entry.text("key"),
        version=entry.integer("version"),
        title=_translations(entry, "title"),
        items=tuple(items.values()),
    )
    entry.finish()
    if not items:
        raise entry.error("items", "at least one question is needed.")
    _check_score_from(entry, items)
    return instrument


def _item(entry: Entry, earlier: Mapping[str, Item]) -> Item:
    link_id = entry.unique_text("link_id", earlier)
    entry.where += f" ({link_id})"
    kind = entry.choice("type", TYPES)
    is_rating = kind == "rating_0_10"
    item = Item(
        link_id=link_id,
        measure=entry.unique_text("measure", {i.measure for i in earlier.values()}),
        type=kind,
        when=entry.choice("when", WHEN),
        scope=entry.choice("scope", SCOPES),
        text=_translations(entry, "text"),
        low=_translations(entry, "low") if is_rating else {},
        high=_translations(entry, "high") if is_rating else {},
        options=() if is_rating else _options(entry),
        cant_tell=_translations(entry, "cant_tell") if entry.has("cant_tell") else {},
        skip_when_site=entry.texts("skip_when_site"),
        score_from=entry.optional_text("score_from"),
    )
    entry.finish()
    _check_site_placeholder(entry, item)
    return item


def _options(entry: Entry) -> tuple[Option, ...]:
    options: dict[int, Option] = {}
    for table in entry.tables("options"):
        value = table.integer("value")
        if value in options:
            raise table.error("value", f"{value} stands twice; each may stand once.")
        options[value] = Option(value, _translations(table, "label"))
        table.finish()
    if len(options) < 2:
        raise entry.error("options", "a choice needs at least two options.")
    return tuple(options.values())


def _translations(entry: Entry, key: str) -> dict[str, str]:
    table = entry.table(key)
    translations = {language: table.text(language) for language in LANGUAGES}
    table.finish()
    return translations


def _check_site_placeholder(entry: Entry, item: Item) -> None:
    """A question of one complaint names its site; a question of the person cannot."""
    for language, text in item.text.items():
        if (SITE in text) != (item.scope == "complaint"):
            must = "must" if item.scope == "complaint" else "must not"
            raise entry.error(
                f"text.{language}", f"{must} hold {SITE}, as scope is {item.scope}."
            )


def _check_score_from(entry: Entry, items: Mapping[str, Item]) -> None:
    for item in items.values():
        if bool(item.skip_when_site) != bool(item.score_from):
            raise entry.error(
                f"items ({item.link_id})",
                "skip_when_site and score_from need each other.",
            )
        if not item.score_from:
            continue
        other = items.get(item.score_from)
        if other is None or not _can_answer_for(other, item):
            raise entry.error(
                f"items ({item.link_id}), score_from",
                f"{item.score_from!r} must be an item that is always asked "
                "and has the same values.",
            )


def _can_answer_for(other: Item, item: Item) -> bool:
    is_always_asked = other.when == "always" and not other.skip_when_site
    return is_always_asked and other.values == item.values


def _check_against_catalogue(entry: Entry, item: Item) -> None:
    where = f"items ({item.link_id})"
    measure = measures().get(item.measure)
    if measure is None:
        known = ", ".join(measures())
        raise entry.error(
            f"{where}, measure", f"{item.measure!r} is unknown; known: {known}."
        )
    if not all(measure.minimum <= value <= measure.maximum for value in item.values):
        raise entry.error(
            where, f"has values outside {measure.minimum} to {measure.maximum}."
        )
    if measure.asked_at_baseline != (item.when == "always"):
        raise entry.error(
            f"{where}, when", f"disagrees with asked_at_baseline of {measure.key}."
        )
    for site in item.skip_when_site:
        if site not in places.body_sites():
            raise entry.error(f"{where}, skip_when_site", f"{site!r} is no body site.")
