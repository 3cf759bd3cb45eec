"""Reads definitions from data files and stored copies; a fault names its place."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from clinic.reference_data import Entry
from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    Band,
    Condition,
    InstrumentDefinition,
    Item,
    MeasureDefinition,
    Option,
    Scale,
)
from patients.catalogue import places, red_flags

ROLES = ("site", "back", "none")
DIRECTIONS = ("lower", "higher")
METHODS = ("sum", "mean", "highest", "count", "product")
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
    _check_together(entry, found)
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
        needs_ends = kind in shape.RATINGS
        flag = entry.optional_text("flag")
        item = Item(
            link_id=link_id,
            type=kind,
            text=self._text(entry, flag),
            measure=_measure_key(entry, earlier),
            when=_choice_or(entry, "when", shape.WHEN, "always"),
            scope=_choice_or(entry, "scope", shape.SCOPES, "patient"),
            low=self.words(entry, "low") if needs_ends else {},
            high=self.words(entry, "high") if needs_ends else {},
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
            items=tuple(self.items(entry, earlier)),
            none=self.words(entry, "none") if kind == shape.BOXES else {},
        )
        entry.finish()
        _check_item(entry, item)
        return item

    def _text(self, entry: Entry, flag: str) -> dict[str, str]:
        """A red flag's own question stands in the catalogue."""
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
    found = Condition(
        question=entry.text("question"),
        operator=entry.choice("operator", shape.OPERATORS),
        answer=entry.text("answer"),
    )
    entry.finish()
    return found


# --- What must fit together ---------------------------------------------------------


def _check_item(entry: Entry, item: Item) -> None:
    _check_place(entry, item)
    if item.type in (shape.BOXES, shape.GROUP) and not item.items:
        raise entry.error("items", "name at least one question inside.")
    if item.type == "rating" and not item.values:
        raise entry.error("minimum", "a rating needs a minimum, a maximum and a step.")
    for key in ("skip_when_site", "only_sites"):
        for site in getattr(item, key):
            if site not in places.body_sites():
                raise entry.error(key, f"{site!r} is no body site.")
    for box in item.items if item.type == shape.BOXES else ():
        if box.type != "yes_no":
            raise entry.error(f"items ({box.link_id})", "a box is of type yes_no.")


def _check_place(entry: Entry, item: Item) -> None:
    """A question of one complaint names its site; a question of the person cannot."""
    is_of_complaint = item.scope == "complaint"
    for language, text in item.text.items():
        is_named = shape.SITE in text
        if is_named and not is_of_complaint:
            wrong = "must not"
        elif is_of_complaint and item.is_rating and not is_named:
            wrong = "must"
        else:
            continue
        raise entry.error(
            f"text.{language}", f"{wrong} hold {shape.SITE}, as scope is {item.scope}."
        )


def _check_together(entry: Entry, found: InstrumentDefinition) -> None:
    items = found.by_link_id
    for item in items.values():
        _check_score_from(entry, item, items)
        _check_conditions(entry, item, items)
    used: set[str] = {item.measure for item in items.values() if item.measure}
    for scale in found.scales:
        where = f"scales ({scale.measure})"
        if scale.measure in used:
            raise entry.error(where, "another score is called the same.")
        used.add(scale.measure)
        _check_scale(entry, where, scale, items)


def _check_score_from(entry: Entry, item: Item, items: Mapping[str, Item]) -> None:
    where = f"items ({item.link_id})"
    if bool(item.skip_when_site) != bool(item.score_from):
        raise entry.error(where, "skip_when_site and score_from need each other.")
    if not item.score_from:
        return
    other = items.get(item.score_from)
    if other is None or not _can_answer_for(other, item):
        raise entry.error(
            f"{where}, score_from",
            f"{item.score_from!r} must be an item that is always asked "
            "and has the same values.",
        )


def _can_answer_for(other: Item, item: Item) -> bool:
    is_always_asked = other.when == "always" and not other.skip_when_site
    return is_always_asked and other.values == item.values


def _check_conditions(entry: Entry, item: Item, items: Mapping[str, Item]) -> None:
    for condition in item.enable_when:
        if condition.question not in items:
            raise entry.error(
                f"items ({item.link_id}), enable_when",
                f"there is no question {condition.question!r}.",
            )
    if item.link_id in _leads_to(item, items):
        raise entry.error(
            f"items ({item.link_id}), enable_when",
            "hangs on its own answer, over the questions that it hangs on.",
        )


def _leads_to(item: Item, items: Mapping[str, Item]) -> set[str]:
    """All questions whose answers decide whether this one is asked."""
    seen: set[str] = set()
    ahead = [condition.question for condition in item.enable_when]
    while ahead:
        name = ahead.pop()
        if name not in seen and name in items:
            seen.add(name)
            ahead += [condition.question for condition in items[name].enable_when]
    return seen


def _check_scale(
    entry: Entry, where: str, scale: Scale, items: Mapping[str, Item]
) -> None:
    if not scale.items:
        raise entry.error(f"{where}, items", "name the questions that it is made of.")
    for link_id in (*scale.items, *scale.reversed, *scale.weights):
        if link_id not in items:
            raise entry.error(where, f"there is no question {link_id!r}.")
    for link_id in scale.reversed:
        if not items[link_id].values and items[link_id].maximum is None:
            raise entry.error(where, f"{link_id!r} has no range to be reversed in.")
    if scale.at_least > len(scale.items):
        raise entry.error(
            f"{where}, at_least", f"there are only {len(scale.items)} questions."
        )
    bounds = [band.up_to for band in scale.bands]
    if bounds != sorted(set(bounds)):
        raise entry.error(f"{where}, bands", "must rise, each up_to once.")
