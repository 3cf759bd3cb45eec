"""From answers to scores. Pure: the same answers always make the same scores.

A score that cannot be made is None and never 0. Which answers may be missing, each
scale says; a question that was not asked at that occasion is not missing.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from clinic import reference_data
from outcomes.instruments import enabling, formulas
from outcomes.instruments.definition import (
    BOXES,
    Given,
    InstrumentDefinition,
    Item,
    Scale,
    Values,
)

ALGORITHM_VERSION = "single_item_1"
SCALE_VERSION = "scale_1"


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """One measure's value; None where the answer is missing or 'cannot tell'."""

    measure_key: str
    value: Decimal | None
    algorithm_version: str
    input_hash: str


def score(
    instrument: InstrumentDefinition,
    answers: Values,
    site: str,
    asked: Collection[str] | None = None,
) -> list[ScoredMeasure]:
    """Every measure of the instrument in its order, for a complaint at this site.

    `asked` are the link ids that were asked; None: all of the instrument. ValueError
    for an answer to a question the instrument does not have, or for a value the
    question does not offer.
    """
    items = instrument.by_link_id
    for link_id, given in answers.items():
        _check_answer(items, link_id, given)
    definition = instrument.sha256
    single = [
        _of_item(item.measure, _answered_by(item, site), answers, definition)
        for item in instrument.walk()
        if item.measure and _is_asked(item, asked)
    ]
    scaled = [
        _of_scale(scale, instrument, answers, asked)
        for scale in instrument.scales
        if _asked_of(scale, items, asked)
    ]
    return single + scaled


def _is_asked(item: Item, asked: Collection[str] | None) -> bool:
    return asked is None or item.link_id in asked or bool(item.score_from)


def _answered_by(item: Item, site: str) -> str:
    return item.score_from if site in item.skip_when_site else item.link_id


def _of_item(
    measure: str, link_id: str, answers: Values, definition: str
) -> ScoredMeasure:
    value = answers.get(link_id)
    known = None if value is None or isinstance(value, str) else _plain(value)
    inputs = {
        "algorithm": ALGORITHM_VERSION,
        "answer": None if known is None else _number(known),
        "definition": definition,
        "link_id": link_id,
        "measure": measure,
    }
    return ScoredMeasure(
        measure, known, ALGORITHM_VERSION, reference_data.fingerprint(inputs)
    )


# --- Scales --------------------------------------------------------------------------


def _of_scale(
    scale: Scale,
    instrument: InstrumentDefinition,
    answers: Values,
    asked: Collection[str] | None,
) -> ScoredMeasure:
    items = instrument.by_link_id
    of = _asked_of(scale, items, asked)
    given = {link_id: answers.get(link_id) for link_id in of}
    version = version_of(scale)
    inputs = {
        "algorithm": version,
        "answers": {link_id: _told(value) for link_id, value in given.items()},
        "definition": instrument.sha256,
        "measure": scale.measure,
    }
    if scale.method == "formula":
        value = _by_formula(scale, instrument, answers, of)
    else:
        value = _reckoned(scale, items, given)
    return ScoredMeasure(
        scale.measure,
        None if value is None else _published(scale, value),
        version,
        reference_data.fingerprint(inputs),
    )


def version_of(scale: Scale) -> str:
    is_formula = scale.method == "formula"
    return formulas.ALGORITHM_VERSION if is_formula else SCALE_VERSION


def _by_formula(
    scale: Scale, instrument: InstrumentDefinition, answers: Values, of: Sequence[str]
) -> Decimal | None:
    """None where a question that was asked, and is needed, has no answer."""
    shown = enabling.enabled(instrument.items, answers)
    asked = {each.link_id for item in shown for each in item.answered}
    given = [name for name in of if name in asked and answers.get(name) is not None]
    needed = scale.at_least or sum(name in asked for name in of)
    if not given or len(given) < needed:
        return None
    kept = {name: value for name, value in answers.items() if name in asked}
    return formulas.value_of(scale.formula, instrument, kept)


def _asked_of(
    scale: Scale, items: Mapping[str, Item], asked: Collection[str] | None
) -> list[str]:
    """The questions of a scale that were asked; a box is asked by its own link id."""
    return [link_id for link_id in scale.items if asked is None or link_id in asked]


def _reckoned(
    scale: Scale, items: Mapping[str, Item], given: Mapping[str, Given]
) -> Decimal | None:
    """The raw score; None where too much is missing."""
    points = {
        link_id: _points(scale, items[link_id], value)
        for link_id, value in given.items()
        if value is not None and not isinstance(value, str)
    }
    needed = scale.at_least or len(given)
    if not points or len(points) < needed:
        return None
    raw = _combined(scale, points)
    if scale.method == "sum" and scale.is_prorated:
        raw = raw * len(given) / len(points)
    return _rescaled(scale, items, raw, list(points)) if scale.rescale_to else raw


def _points(scale: Scale, item: Item, value: Decimal) -> Decimal:
    points = item.points(value)
    if item.link_id in scale.reversed:
        low, high = range_of(item)
        points = low + high - points
    return points * scale.weights.get(item.link_id, Decimal(1))


def _combined(scale: Scale, points: Mapping[str, Decimal]) -> Decimal:
    values = list(points.values())
    if scale.method == "mean":
        weights = [scale.weights.get(link_id, Decimal(1)) for link_id in points]
        return sum(values, Decimal(0)) / sum(weights, Decimal(0))
    if scale.method == "highest":
        return max(values)
    if scale.method == "product":
        return math.prod(values, start=Decimal(1))
    if scale.method == "count":
        return Decimal(sum(value > 0 for value in values))
    return sum(values, Decimal(0))


def range_of(item: Item) -> tuple[Decimal, Decimal]:
    """The fewest and the most points that its answers can give."""
    if item.weight is not None:
        return min(item.weight, Decimal(0)), max(item.weight, Decimal(0))
    if item.options:
        points = [option.points for option in item.options]
        return min(points), max(points)
    if item.values:
        return Decimal(min(item.values)), Decimal(max(item.values))
    return item.minimum or Decimal(0), item.maximum or Decimal(0)


def _rescaled(
    scale: Scale, items: Mapping[str, Item], raw: Decimal, of: Collection[str]
) -> Decimal:
    """From what the questions can give at least and at most to the scale's range."""
    ranges = [range_of(items[link_id]) for link_id in of]
    weights = [scale.weights.get(link_id, Decimal(1)) for link_id in of]
    lows = [low * w for (low, _), w in zip(ranges, weights, strict=True)]
    highs = [high * w for (_, high), w in zip(ranges, weights, strict=True)]
    low, high = sum(lows, Decimal(0)), sum(highs, Decimal(0))
    if scale.method == "mean":
        total = sum(weights, Decimal(0))
        low, high = low / total, high / total
    to_low, to_high = scale.rescale_to
    return to_low + (raw - low) * (to_high - to_low) / (high - low)


def _published(scale: Scale, raw: Decimal) -> Decimal | None:
    """Looked up and rounded; None where the table does not have the raw score."""
    if scale.table:
        found = scale.table.get(_number_text(raw))
        if found is None:
            return None
        raw = found
    for band in scale.bands:
        if raw <= band.up_to:
            raw = raw if band.value is None else band.value
            break
    step = Decimal(1).scaleb(-scale.decimals)
    return _plain(raw.quantize(step, rounding=ROUND_HALF_UP))


def band_of(scale: Scale, value: Decimal, language: str) -> str:
    """What a score is called; empty where the scale has no words for it."""
    for band in scale.bands:
        if value <= (band.up_to if band.value is None else band.value):
            return band.label.get(language, "")
    return ""


# --- One spelling of a number, so that hashes never differ ---------------------------


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end, however the database keeps it."""
    value = Decimal(value)
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def _number(value: Decimal) -> int | str:
    return int(value) if value == value.to_integral_value() else _number_text(value)


def _number_text(value: Decimal) -> str:
    return f"{_plain(value):f}"


def _told(value: Given) -> int | str | None:
    if value is None or isinstance(value, str):
        return value
    return _number(value)


def _check_answer(items: Mapping[str, Item], link_id: str, given: Given) -> None:
    if link_id not in items or items[link_id].type == BOXES:
        raise ValueError(f"There is no question {link_id!r} in this instrument.")
    item = items[link_id]
    if given is not None and not item.accepts(given):
        raise ValueError(f"{given} is not an answer to the question {link_id!r}.")
