"""Reads definitions from data files and stored copies; a fault names its place."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from clinic.reference_data import Entry
from outcomes.instruments import definition as shape
from outcomes.instruments import fitting
from outcomes.instruments.definition import (
    Band,
    Condition,
    InstrumentDefinition,
    Item,
    MeasureDefinition,
    Option,
    Scale,
)
from patients.catalogue import red_flags

ROLES = ("site", "back", "none")
DIRECTIONS = ("lower", "higher")
METHODS = ("sum", "mean", "highest", "count", "product", "formula")
LANGUAGES = ("en", "es")
T = TypeVar("T")


def stored(content: Mapping[str, Any]) -> InstrumentDefinition:
    """A stored copy; it may name measures that are no longer shipped."""
    return instrument(Entry("stored instrument", content))


def instrument(entry: Entry) -> InstrumentDefinition:
    """One questionnaire; ReferenceDataError names the place and what to do."""
    languages = entry.texts("languages") or LANGUAGES
    read = _Reader(languages)
    items = read.items(entry, {})
    found = InstrumentDefinition(
        key=entry.text("key"),
        version=entry.integer("version"),
        title=read.words(entry, "title"),
        items=tuple(items),
        scales=tuple(read.scale(table) for table in entry.tables("scales")),
        languages=entry.texts("languages"),
        recall=entry.optional_text("recall"),
        licence=entry.optional_text("licence"),
        copyright=entry.optional_text("copyright"),
        url=entry.optional_text("url"),
    )
    entry.finish()
    if not items:
        raise entry.error("items", "at least one question is needed.")
    fitting.check_together(entry, found)
    return found


class _Reader:
    """Reads items in the languages of their questionnaire."""

    def __init__(self, languages: Collection[str]) -> None:
        self.languages = tuple(languages)

    def words(self, entry: Entry, key: str) -> dict[str, str]:
        table = entry.table(key)
        found = {language: table.text(language) for language in self.languages}
        table.finish()
        return found

    def optional_words(self, entry: Entry, key: str) -> dict[str, str]:
        if entry.has(key):
            return self.words(entry, key)
        entry.value(key)
        return {}

    def items(self, entry: Entry, earlier: dict[str, Item]) -> list[Item]:
        found = []
        for table in entry.tables("items"):
            item = self.item(table, earlier)
            earlier[item.link_id] = item
            found.append(item)
        return found

    def item(self, entry: Entry, earlier: dict[str, Item]) -> Item:
        link_id = entry.unique_text("link_id", earlier)
        entry.where += f" ({link_id})"
        kind = entry.choice("type", shape.TYPES)
        flag = entry.optional_text("flag")
        item = Item(
            link_id=link_id,
            type=kind,
            text=self._text(entry, kind, flag),
            measure=_measure_key(entry, earlier),
            when=_choice_or(entry, "when", shape.WHEN, "always"),
            scope=_choice_or(entry, "scope", shape.SCOPES, "patient"),
            low=self._ends(entry, "low", kind),
            high=self._ends(entry, "high", kind),
            options=self._options(entry, kind),
            cant_tell=self.optional_words(entry, "cant_tell"),
            skip_when_site=entry.texts("skip_when_site"),
            score_from=entry.optional_text("score_from"),
            only_sites=entry.texts("only_sites"),
            asked_for=entry.texts("asked_for"),
            minimum=amount(entry, "minimum"),
            maximum=amount(entry, "maximum"),
            step=_integer_or(entry, "step", 0),
            max_length=_integer_or(entry, "max_length", 0),
            unit=entry.optional_text("unit"),
            help=self.optional_words(entry, "help"),
            enable_when=tuple(map(_condition, entry.tables("enable_when"))),
            enable_any=_flag(entry, "enable_any"),
            is_optional=_flag(entry, "is_optional"),
            is_hidden=_flag(entry, "is_hidden"),
            is_read_only=_flag(entry, "is_read_only"),
            initial=entry.optional_text("initial"),
            formula=entry.optional_text("formula"),
            flag=flag,
            harm=entry.optional_text("harm"),
            code=entry.optional_text("code"),
            system=entry.optional_text("system"),
            weight=amount(entry, "weight"),
            items=tuple(self.items(entry, earlier)),
            none=self.words(entry, "none") if kind == shape.BOXES else {},
        )
        entry.finish()
        fitting.check_item(entry, item)
        return item

    def _ends(self, entry: Entry, key: str, kind: str) -> dict[str, str]:
        """The words at the ends of a rating; a clinic's own may go without."""
        if kind == "rating":
            return self.optional_words(entry, key)
        return self.words(entry, key) if kind == "rating_0_10" else {}

    def _text(self, entry: Entry, kind: str, flag: str) -> dict[str, str]:
        """A red flag's own question stands in the catalogue; a group may have none."""
        if kind == shape.GROUP and not entry.has("text"):
            return self.optional_words(entry, "text")
        if flag and not entry.has("text"):
            entry.value("text")
            rule = red_flags.red_flags().get(flag)
            if rule is None or not rule.question:
                raise entry.error("flag", f"{flag!r} is no red flag asked of patients.")
            return {language: rule.question[language] for language in self.languages}
        return self.words(entry, "text")

    def _options(self, entry: Entry, kind: str) -> tuple[Option, ...]:
        if kind not in ("choice", "open_choice"):
            return ()
        options: dict[int, Option] = {}
        for table in entry.tables("options"):
            value = table.integer("value")
            if value in options:
                raise table.error(
                    "value", f"{value} stands twice; each may stand once."
                )
            options[value] = Option(
                value,
                self.words(table, "label"),
                code=table.optional_text("code"),
                system=table.optional_text("system"),
                weight=amount(table, "weight"),
            )
            table.finish()
        if len(options) < 2 and kind == "choice":
            raise entry.error("options", "a choice needs at least two options.")
        return tuple(options.values())

    def scale(self, entry: Entry) -> Scale:
        found = Scale(
            measure=entry.text("measure"),
            method=entry.choice("method", METHODS),
            items=entry.texts("items"),
            reversed=entry.texts("reversed"),
            weights=_amounts(entry, "weights"),
            at_least=_integer_or(entry, "at_least", 0),
            is_prorated=_flag(entry, "is_prorated"),
            rescale_to=_pair(entry, "rescale_to"),
            table=_amounts(entry, "table"),
            bands=tuple(self._band(table) for table in entry.tables("bands")),
            decimals=_integer_or(entry, "decimals", 0),
            formula=entry.optional_text("formula"),
        )
        entry.finish()
        return found

    def _band(self, entry: Entry) -> Band:
        band = Band(
            up_to=_needed(entry, "up_to"),
            label=self.words(entry, "label"),
            value=amount(entry, "value"),
        )
        entry.finish()
        return band


def scale(entry: Entry, languages: Collection[str]) -> Scale:
    """One scale by itself, as a clinic states it beside its questionnaire."""
    return _Reader(languages).scale(entry)


def measure(
    entry: Entry, used: Collection[str], cited: Collection[str]
) -> MeasureDefinition:
    found = MeasureDefinition(
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
        mdc_points=entry.optional_number("mdc_points"),
        pass_at=entry.optional_number("pass_at"),
    )
    entry.finish()
    if found.minimum >= found.maximum:
        raise entry.error("maximum", f"must be above the minimum {found.minimum}.")
    for source in found.sources:
        if source not in cited:
            raise entry.error("sources", f"{source!r} is not a key of sources.csv.")
    return found


def amount(entry: Entry, key: str) -> Decimal | None:
    """A number; in a stored copy it is written as a text, so that it stays exact."""
    value = entry.value(key)
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise entry.error(key, f"must be a number, not {value!r}.")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise entry.error(key, f"must be a number, not {value!r}.") from None


def _needed(entry: Entry, key: str) -> Decimal:
    found = amount(entry, key)
    if found is None:
        raise entry.error(key, "is missing or empty.")
    return found


def _amounts(entry: Entry, key: str) -> dict[str, Decimal]:
    table = entry.optional_table(key)
    return {name: _needed(table, name) for name in table}


def _pair(entry: Entry, key: str) -> tuple[Decimal, ...]:
    value = entry.value(key)
    if not value:
        return ()
    if not isinstance(value, list) or len(value) != 2:
        raise entry.error(key, "must be two numbers, the lowest and the highest.")
    table = Entry(f"{entry.where}, {key}", dict(zip("12", value, strict=True)))
    return _needed(table, "1"), _needed(table, "2")


def _or(entry: Entry, key: str, read: Callable[[], T], otherwise: T) -> T:
    if entry.has(key):
        return read()
    entry.value(key)
    return otherwise


def _choice_or(entry: Entry, key: str, known: Collection[str], otherwise: str) -> str:
    return _or(entry, key, lambda: entry.choice(key, known), otherwise)


def _integer_or(entry: Entry, key: str, otherwise: int) -> int:
    return _or(entry, key, lambda: entry.integer(key), otherwise)


def _flag(entry: Entry, key: str) -> bool:
    return _or(entry, key, lambda: entry.flag(key), False)


def _measure_key(entry: Entry, earlier: Mapping[str, Item]) -> str:
    if not entry.has("measure"):
        return entry.optional_text("measure")
    return entry.unique_text("measure", {item.measure for item in earlier.values()})


def _condition(entry: Entry) -> Condition:
    operator = entry.choice("operator", (*shape.OPERATORS, shape.ALL, shape.ANY))
    if operator in (shape.ALL, shape.ANY):
        parts = tuple(map(_condition, entry.tables("conditions")))
        found = Condition("", operator, "", parts)
        for key in ("question", "answer"):
            entry.value(key)
    else:
        found = Condition(entry.text("question"), operator, entry.text("answer"))
    entry.finish()
    return found
