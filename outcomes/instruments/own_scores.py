"""The scores that a clinic states for its own questionnaire, in a file or a form. Pure.

How answers make the score (a scale), and what it means: its range, which way is better
and the change that matters, with its source. None of it is guessed.
"""

import itertools
import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from clinic.reference_data import Entry, ReferenceDataError
from outcomes.instruments import brought, formulas, library, reading, scoring
from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    Given,
    InstrumentDefinition,
    Item,
    MeasureDefinition,
    Scale,
)
from outcomes.instruments.findings import Finding, Findings
from plans.protocols import measures as vocabulary

Spec = Mapping[str, Any]
MOST = 50
LARGEST_FILE = 256 * 1024
LONGEST_MEASURE_KEY = 60
# Of what is no sum of whole points.
FINE = {"mean": 2, "product": 2, "formula": 2}
_SCALE_KEYS = (
    *("method", "items", "reversed", "weights", "at_least", "is_prorated"),
    *("rescale_to", "table", "bands", "decimals", "formula"),
)
_MEASURE_KEYS = (
    *("key", "name", "minimum", "maximum", "better_is", "mic_points", "mic_percent"),
    *("mic_source", "mdc_points", "pass_at"),
)


@dataclass(frozen=True, slots=True)
class OwnScore:
    scale: Scale
    measure: MeasureDefinition


def parse(content: bytes) -> list[Spec]:
    """The scores of a file, TOML or JSON; ReferenceDataError names what is wrong."""
    if len(content) > LARGEST_FILE:
        raise ReferenceDataError("The scoring file is larger than 256 kB.")
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            found = json.loads(text, parse_float=Decimal)
        else:
            found = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ReferenceDataError(
            f"The scoring file is neither TOML nor JSON: {error}"
        ) from None
    entry = Entry("scoring file", found)
    scores = entry.value("scores")
    entry.finish()
    if not isinstance(scores, list) or not all(isinstance(s, dict) for s in scores):
        raise entry.error("scores", "must be a list of tables, as [[scores]].")
    return [_storable(each) for each in scores]


def _storable(value: Any) -> Any:
    """Numbers as texts, so that they stay exact in the database."""
    if isinstance(value, dict):
        return {str(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


def read(
    specs: Sequence[Spec], definition: InstrumentDefinition, slots: Collection[str]
) -> tuple[list[OwnScore], list[Finding]]:
    """Those that can be reckoned, and for each other one what it lacks."""
    findings = Findings()
    found: dict[str, OwnScore] = {}
    if len(specs) > MOST:
        findings.refuse("scores", f"there are {len(specs)}; at most {MOST}")
        return [], list(findings)
    for place, spec in enumerate(specs, 1):
        where = f"score {spec.get('key') or place}"
        try:
            one = _one(Entry(where, spec), definition, slots)
        except ReferenceDataError as error:
            told, _, problem = str(error).partition(": ")
            findings.refuse(told, problem.rstrip("."))
            continue
        if one.scale.measure in found:
            findings.refuse(where, "another score has the same key")
        elif _is_in_range(one, definition, where, findings):
            found[one.scale.measure] = one
    return list(found.values()), list(findings)


def _one(
    entry: Entry, definition: InstrumentDefinition, slots: Collection[str]
) -> OwnScore:
    for key in entry:
        if key not in (*_SCALE_KEYS, *_MEASURE_KEYS):
            known = ", ".join(sorted((*_MEASURE_KEYS, *_SCALE_KEYS)))
            raise entry.error(key, f"unknown key; known here: {known}.")
    key = _measure_key(entry, definition, slots)
    scale = _scale(entry, key, definition)
    measure = _measure(entry, key, scale)
    return OwnScore(scale, measure)


def _measure_key(
    entry: Entry, definition: InstrumentDefinition, slots: Collection[str]
) -> str:
    """That of a slot where it is called so; else it starts with the instrument's."""
    told = entry.text("key")
    if told in slots:
        return told
    own = brought.key_of(told)
    key = own if own.startswith(f"{definition.key}_") else f"{definition.key}_{own}"
    if not own or len(key) > LONGEST_MEASURE_KEY:
        raise entry.error("key", "use a short name of letters and digits.")
    if key in library.measures() or key in vocabulary.vocabulary():
        raise entry.error("key", f"{key} is a measure that ships; choose another.")
    return key


def _scale(entry: Entry, key: str, definition: InstrumentDefinition) -> Scale:
    method = entry.choice("method", reading.METHODS)
    told = {name: entry.value(name) for name in _SCALE_KEYS if entry.has(name)}
    told.setdefault("decimals", FINE.get(method, 0))
    items = definition.by_link_id
    if method == "formula":
        expression = entry.text("formula")
        problem = formulas.fault(expression)
        if problem:
            raise entry.error("formula", f"{problem}.")
        told["items"] = formulas.inputs_of(expression, items)
        if not told["items"]:
            raise entry.error("formula", "it names no question of this questionnaire.")
    else:
        told["items"] = _expanded(entry, items)
    languages = definition.languages or reading.LANGUAGES
    found = reading.scale(Entry(entry.where, {**told, "measure": key}), languages)
    _check_items(entry, found, items)
    return found


def _expanded(entry: Entry, items: Mapping[str, Item]) -> list[str]:
    """Of a question with boxes, its boxes; of a group, its questions."""
    found: list[str] = []
    for name in entry.texts("items"):
        item = items.get(name)
        if item is None:
            raise entry.error("items", f"there is no question {name!r}.")
        inside = item.items if item.type == shape.GROUP else (item,)
        found += [each.link_id for one in inside for each in one.answered]
    return list(dict.fromkeys(found))


def _check_items(entry: Entry, scale: Scale, items: Mapping[str, Item]) -> None:
    if not scale.items:
        raise entry.error("items", "name the questions that it is made of.")
    for name in scale.items if scale.method != "formula" else ():
        if not can_be_scored(items[name]):
            raise entry.error("items", f"{name} is not answered with a number.")
    _check_turned(entry, scale, items)
    if not 0 <= scale.at_least <= len(scale.items):
        raise entry.error("at_least", f"there are {len(scale.items)} questions.")
    if not 0 <= scale.decimals <= 4:
        raise entry.error("decimals", "must be from 0 to 4.")


def can_be_scored(item: Item) -> bool:
    """Whether patients answer it with what counts points."""
    has_points = item.is_coded or item.type in shape.NUMBERS
    return has_points and not item.is_never_asked


def _check_turned(entry: Entry, scale: Scale, items: Mapping[str, Item]) -> None:
    for name in (*scale.reversed, *scale.weights):
        if name not in scale.items:
            raise entry.error("items", f"lack {name}, which is reversed or weighted.")
    for name in scale.reversed:
        if not items[name].values and items[name].maximum is None:
            raise entry.error("reversed", f"{name} has no range to be reversed in.")


def _measure(entry: Entry, key: str, scale: Scale) -> MeasureDefinition:
    numbers = {
        name: reading.amount(entry, name)
        for name in ("minimum", "maximum", "mic_points", "mic_percent")
        + ("mdc_points", "pass_at")
    }
    low, high = numbers["minimum"], numbers["maximum"]
    if low is None or high is None:
        missing = "minimum" if low is None else "maximum"
        raise entry.error(missing, "say from where to where the score goes.")
    if low >= high or max(abs(low), abs(high)) >= 10**6:
        raise entry.error("maximum", f"must be above the minimum {low}.")
    source = entry.optional_text("mic_source")
    if not source and (numbers["mic_points"] or numbers["mic_percent"]):
        raise entry.error("mic_source", "say where the change that matters is from.")
    for name in ("mic_points", "mic_percent", "mdc_points"):
        value = numbers[name]
        if value is not None and not 0 < value <= max(high - low, Decimal(100)):
            raise entry.error(name, "must be above 0 and within the range.")
    name = entry.text("name")
    if len(name) > 120:
        raise entry.error("name", "must have at most 120 characters.")
    return MeasureDefinition(
        key=key,
        name=name,
        short_name=name[:60].strip(),
        role="none",
        minimum=low,
        maximum=high,
        decimals=scale.decimals,
        better_is=entry.choice("better_is", reading.DIRECTIONS),
        mic_points=numbers["mic_points"],
        mic_percent=numbers["mic_percent"],
        mic_detail=source,
        sources=(source,) if source else (),
        recall="",
        asked_at_baseline=True,
        mdc_points=numbers["mdc_points"],
        pass_at=numbers["pass_at"],
    )


# --- Whether the range holds ---------------------------------------------------------


def _is_in_range(
    one: OwnScore, definition: InstrumentDefinition, where: str, findings: Findings
) -> bool:
    """Tried with the lowest and highest answers, and with each question apart."""
    made = list(_tried(one.scale, definition))
    if not made:
        findings.refuse(where, "no answers make a score; look at its items or formula")
        return False
    low, high = min(made), max(made)
    if one.measure.minimum <= low and high <= one.measure.maximum:
        return True
    findings.refuse(
        where,
        f"answers can make {brought.plain(low)} to {brought.plain(high)}, outside its "
        f"range {brought.plain(one.measure.minimum)} to "
        f"{brought.plain(one.measure.maximum)}",
        "Widen the range, or look at weights and reversed questions.",
    )
    return False


def _tried(scale: Scale, definition: InstrumentDefinition) -> Iterator[Decimal]:
    alone = replace(definition, scales=(scale,))
    for answers in _samples([definition.by_link_id[name] for name in scale.items]):
        scored = scoring.score(alone, answers, "")
        value = next((s.value for s in scored if s.measure_key == scale.measure), None)
        if value is not None:
            yield value


def _samples(items: Sequence[Item]) -> Iterator[dict[str, Given]]:
    ends = {item.link_id: _ends(item) for item in items}
    for place in (0, -1):
        yield {name: values[place] for name, values in ends.items()}
    lowest = {name: values[0] for name, values in ends.items()}
    for name, values in itertools.islice(ends.items(), MOST):
        yield from ({**lowest, name: value} for value in values[1:])
    # The first lowest and the others highest, and so on: for what is reversed.
    for half in (0, 1):
        yield {
            name: values[-(place % 2 == half)]
            for place, (name, values) in enumerate(ends.items())
        }


def _ends(item: Item) -> list[Given]:
    if item.values:
        by_points = sorted(item.values, key=lambda v: item.points(Decimal(v)))
        return [Decimal(by_points[0]), Decimal(by_points[-1])]
    if item.type in shape.NUMBERS:
        low = item.minimum if item.minimum is not None else Decimal(0)
        high = item.maximum if item.maximum is not None else max(low, Decimal(1))
        return [low, high]
    return ["2024-01-01" if item.type == "date" else "a"]


def with_scores(
    definition: InstrumentDefinition, scores: Iterable[OwnScore]
) -> InstrumentDefinition:
    return replace(definition, scales=tuple(one.scale for one in scores))
