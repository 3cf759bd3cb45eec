"""The measures and questionnaires that ship, read from data files."""

import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from outcomes.instruments import reading
from outcomes.instruments.definition import (
    InstrumentDefinition,
    Item,
    MeasureDefinition,
    Occasion,
    Option,
    Scale,
)
from patients.catalogue import red_flags
from plans.harm import catalogue as harm
from plans.protocols import measures as vocabulary

DATA = Path(__file__).parent / "data"
# What follow-ups ask, put together from the questionnaires that ship ...
CORE, THREE_TAPS = "core_follow_up", "three_taps"
# ... and those, each by itself.
OWN = (
    "pain",
    "first_step_pain",
    "donor_site_pain",
    "pain_map",
    "activity_limits",
    "global_change",
    "sane",
    "acceptable_state",
    "satisfaction",
    "nerve_symptoms",
    "safety",
    "adherence",
    "medication_days",
    "own_activities",
    "lifestyle",
    "since_last_time",
    "flare_pulse",
)
SETS = (CORE, THREE_TAPS)


@functools.cache
def measures() -> dict[str, MeasureDefinition]:
    return read_measures(DATA / "measures.toml")


@functools.cache
def instruments() -> dict[str, InstrumentDefinition]:
    return {key: load(DATA / f"{key}.toml") for key in (*SETS, *OWN)}


def ends_of_scale(measure_key: str) -> tuple[Option, Option] | None:
    """The first and last step of a measure that is answered in words."""
    for instrument in instruments().values():
        for item in instrument.walk():
            if item.measure == measure_key and item.options:
                return item.options[0], item.options[-1]
    return None


def items_for(instrument: InstrumentDefinition, occasion: Occasion) -> list[Item]:
    """The questions of one complaint at one time point, in the order they are asked."""
    return [
        each
        for item in instrument.items
        if occasion.asks(item) and (each := _of_occasion(item, occasion)) is not None
    ]


def _of_occasion(item: Item, occasion: Occasion) -> Item | None:
    """With the boxes that this occasion asks; none where it asks none of them."""
    if not item.items:
        return item
    inside = [
        _of_occasion(each, occasion) for each in item.items if occasion.asks(each)
    ]
    kept = tuple(each for each in inside if each is not None)
    return replace(item, items=kept) if kept else None


def link_ids(items: Iterable[Item]) -> list[str]:
    """Of all that is asked, and of what stands inside."""
    return [each.link_id for item in items for each in item.walk()]


def picked(items: Iterable[Item], link_ids: Collection[str]) -> tuple[Item, ...]:
    """Those of these link ids, with what stands in them of these link ids."""
    found = []
    for item in items:
        if item.link_id in link_ids:
            inside = picked(item.items, link_ids)
            found.append(replace(item, items=inside) if item.items else item)
    return tuple(found)


def read_measures(path: Path) -> dict[str, MeasureDefinition]:
    cited = reference_data.read_sources(DATA / "sources.csv")
    file = reference_data.read_toml(path)
    found: dict[str, MeasureDefinition] = {}
    for entry in file.tables("measures"):
        measure = reading.measure(entry, found, cited)
        found[measure.key] = measure
    file.finish()
    return found


def load(path: Path) -> InstrumentDefinition:
    """One instrument file; ReferenceDataError names the file and the key at fault."""
    entry = reference_data.read_toml(path)
    is_set = entry.has("asks")
    instrument = _set(entry, path) if is_set else reading.instrument(entry)
    if instrument.key != path.stem:
        raise entry.error("key", f"must be {path.stem!r}, as the file is named.")
    for item in instrument.walk():
        _check_against_catalogue(entry, item)
    for scale in instrument.scales:
        _known_measure(entry, f"scales ({scale.measure})", scale.measure)
    return instrument


def _set(entry: Entry, path: Path) -> InstrumentDefinition:
    """Questions of other instruments, word for word, whose files stand beside it."""
    picked: dict[str, Item] = {}
    scales = []
    for table in entry.tables("asks"):
        whole = load(path.with_name(f"{table.text('from')}.toml"))
        names = table.texts("items") or tuple(item.link_id for item in whole.items)
        table.finish()
        items = {item.link_id: item for item in whole.items}
        for link_id in names:
            if link_id not in items:
                raise table.error(
                    "items", f"{link_id!r} is no question of {whole.key}."
                )
            if link_id in picked:
                raise table.error("items", f"{link_id} stands twice; ask it once.")
            picked[link_id] = items[link_id]
        scales += [scale for scale in whole.scales if _is_whole(scale, names, items)]
    found = InstrumentDefinition(
        key=entry.text("key"),
        version=entry.integer("version"),
        title=_title(entry),
        items=tuple(picked.values()),
        scales=tuple(scales),
        licence=entry.optional_text("licence"),
    )
    entry.finish()
    return found


def _title(entry: Entry) -> dict[str, str]:
    table = entry.table("title")
    found = {language: table.text(language) for language in reading.LANGUAGES}
    table.finish()
    return found


def _is_whole(scale: Scale, names: Collection[str], items: Mapping[str, Item]) -> bool:
    """Whether all that a score is made of was picked."""
    picked = {each.link_id for name in names for each in items[name].answered}
    return set(scale.items) <= picked


def _check_against_catalogue(entry: Entry, item: Item) -> None:
    where = f"items ({item.link_id})"
    if item.flag and item.flag not in red_flags.red_flags():
        raise entry.error(f"{where}, flag", f"{item.flag!r} is no red flag.")
    if item.harm and item.harm not in harm.categories():
        raise entry.error(f"{where}, harm", f"{item.harm!r} is no kind of event.")
    for key in item.asked_for:
        if key not in vocabulary.vocabulary():
            raise entry.error(f"{where}, asked_for", f"{key!r} is no measure.")
    if not item.measure:
        return
    measure = _known_measure(entry, f"{where}, measure", item.measure)
    if not all(measure.minimum <= value <= measure.maximum for value in item.values):
        raise entry.error(
            where, f"has values outside {measure.minimum} to {measure.maximum}."
        )
    if measure.asked_at_baseline != (item.when == "always"):
        raise entry.error(
            f"{where}, when", f"disagrees with asked_at_baseline of {measure.key}."
        )


def _known_measure(entry: Entry, where: str, key: str) -> MeasureDefinition:
    measure = measures().get(key)
    if measure is None:
        known = ", ".join(measures())
        raise entry.error(where, f"{key!r} is unknown; known: {known}.")
    return measure
