"""Scores as FHIR can say them: calculatedExpression of a read-only item. Pure.

Each says itself when too few answers stand for it. What a scale knows beyond that
(bands, tables, another range) is named by `unsaid`, and so is what decides elsewhere
whether a question is asked.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from outcomes.instruments import definition as shape
from outcomes.instruments import formulas, scoring
from outcomes.instruments.definition import InstrumentDefinition, Item, Scale
from outcomes.instruments.fhir import addresses
from outcomes.instruments.fhir.expressions import parent_of, quoted
from outcomes.instruments.findings import Finding, Findings

Content = dict[str, Any]
# Link ids of what is no question, before the key of the measure.
PREFIX = "score/"
_ALL = "%resource.repeat(item).where(linkId{names}).answer.value"
_GATHERED = {
    "sum": "sum()",
    "mean": "avg()",
    "highest": "max()",
    "count": "where($this > 0).count()",
}


class Named(Protocol):
    """What a measure is called and where it goes."""

    @property
    def name(self) -> str: ...

    @property
    def minimum(self) -> Decimal: ...

    @property
    def maximum(self) -> Decimal: ...


class Unsayable(ValueError):
    """The message says what of a scale has no words in FHIR."""


def items(
    definition: InstrumentDefinition, measures: Mapping[str, Named]
) -> list[Content]:
    """One for each score that can be said and that no question says already."""
    found = []
    for scale in _scales(definition):
        try:
            expression = _expression(scale, definition)
        except Unsayable:
            continue
        found.append(_item(scale, expression, measures.get(scale.measure)))
    return found


def unsaid(definition: InstrumentDefinition) -> list[Finding]:
    """What the file cannot hold, each by its score or its question."""
    findings = Findings()
    for scale in _scales(definition):
        try:
            _expression(scale, definition)
        except Unsayable as error:
            findings.note(scale.measure, f"the score is left out: {error}")
    for item in definition.walk():
        for what in _lost(item):
            findings.note(item.link_id, f"{what} is left out")
    return list(findings)


def _lost(item: Item) -> list[str]:
    told = {
        "that it is asked at some time points only": item.asked_for,
        "that it is asked before or after treatment only": item.when != "always",
        "that it is asked at some parts of the body only": (
            item.only_sites or item.skip_when_site
        ),
        "the red flag that it opens": item.flag,
        "the adverse event that it opens": item.harm,
    }
    return [what for what, is_so in told.items() if is_so]


def _scales(definition: InstrumentDefinition) -> list[Scale]:
    """Also those of one question each; without what a question reckons itself."""
    single = [
        Scale(item.measure, "sum", (item.link_id,), decimals=6)
        for item in definition.walk()
        if item.measure
    ]
    reckoned = {item.formula for item in definition.walk() if item.formula}
    several = [s for s in definition.scales if s.formula not in reckoned]
    return single + several


def _item(scale: Scale, expression: str, measure: Named | None) -> Content:
    told = {"language": "text/fhirpath", "expression": expression}
    needed = scale.at_least if scale.method == "formula" else 1
    ends = (
        ((addresses.LEAST, measure.minimum), (addresses.MOST, measure.maximum))
        if measure
        else ()
    )
    return {
        "extension": [
            {"url": addresses.HIDDEN, "valueBoolean": True},
            *({"url": address, "valueDecimal": end} for address, end in ends),
            {"url": addresses.DECIMALS, "valueInteger": scale.decimals},
            {"url": addresses.SCORE, "valueInteger": needed},
            {"url": addresses.CALCULATED, "valueExpression": told},
        ],
        "linkId": f"{PREFIX}{scale.measure}",
        "text": measure.name if measure else scale.measure,
        "type": "decimal",
        "readOnly": True,
    }


def _expression(scale: Scale, definition: InstrumentDefinition) -> str:
    """Nothing where fewer are answered than the scale needs."""
    if scale.method == "formula":
        return scale.formula
    _check(scale)
    every = definition.by_link_id
    row = _row([(_points(scale, every[name], every)) for name in scale.items])
    needed = scale.at_least or len(scale.items)
    made = f"{row}.{_GATHERED[scale.method]}"
    if scale.method == "mean" and scale.weights:
        total = sum(scale.weights.get(n, Decimal(1)) for n in scale.items)
        made = f"({row}.sum() / {_plain(Decimal(total))})"
    if scale.is_prorated:
        made = f"({made} * {len(scale.items)} / {row}.count())"
    found = f"iif({row}.count() >= {needed}, {made}, {{}})"
    fault = formulas.fault(found)
    if fault:
        raise Unsayable(fault)
    return found


def _check(scale: Scale) -> None:
    is_partial = 0 < scale.at_least < len(scale.items)
    for what, is_so in (
        ("its table of scores", scale.table),
        ("its bands", any(band.value is not None for band in scale.bands)),
        ("that it is stretched to another range", scale.rescale_to),
        ("a weighted mean of some answers", scale.weights and is_partial),
        (f"the method {scale.method}", scale.method not in _GATHERED),
    ):
        if is_so:
            raise Unsayable(f"{what} has no words in FHIR")


def _row(points: Sequence[tuple[str, str]]) -> str:
    """All points in one row; what is read alike is read at once."""
    alike: dict[str, list[str]] = {}
    for name, accessor in points:
        alike.setdefault(accessor, []).append(f"'{quoted(name)}'")
    rows = [
        _ALL.format(names=_one_of(names)) + accessor
        for accessor, names in alike.items()
    ]
    return rows[0] + "".join(f".combine({each})" for each in rows[1:])


def _one_of(names: Sequence[str]) -> str:
    return f"={names[0]}" if len(names) == 1 else f" in ({' | '.join(names)})"


def _points(scale: Scale, item: Item, every: Mapping[str, Item]) -> tuple[str, str]:
    """The link id, and how the points of its answer are come by."""
    if parent_of(item, every) is not None:
        raise Unsayable(f"{item.link_id} is a box, and FHIR keeps no empty ones")
    found, factor = _accessor(item), scale.weights.get(item.link_id, Decimal(1))
    points = "$this"
    if item.link_id in scale.reversed:
        low, high = scoring.range_of(item)
        points = f"({_plain(low + high)} - $this)"
    if factor != 1:
        points = f"{points} * {_plain(factor)}"
    return item.link_id, found if points == "$this" else f"{found}.select({points})"


def _accessor(item: Item) -> str:
    if item.type in (*shape.NUMBERS, *shape.RATINGS):
        return ""
    if item.type == "yes_no":
        return ".select(iif($this = true, 1, 0))"
    if all(each.weight is not None for each in item.options):
        return ".weight()"
    if all(set(o.label.values()) == {str(o.value)} for o in item.options):
        return ""
    raise Unsayable(f"the options of {item.link_id} have no weights")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value >= 0 else f"(0 - {-value.normalize():f})"
