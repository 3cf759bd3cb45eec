"""What the pages of questionnaires show of definitions and rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinic.models import Clinic
from outcomes.instruments import definition as shape
from outcomes.instruments.definition import (
    Condition,
    InstrumentDefinition,
    Item,
    in_language,
)
from outcomes.models import Instrument, InstrumentDraft, InstrumentUse, Measure
from outcomes.own_instruments import plain_formulas, uses
from outcomes.own_instruments.drafts import Content
from plans.protocols import measures as vocabulary

KINDS = {
    "rating_0_10": "0 to 10",
    "rating": "rating",
    "choice": "one of several",
    "open_choice": "one of several, or own words",
    "yes_no": "yes or no",
    "integer": "whole number",
    "decimal": "number",
    "text": "own words",
    "line": "a few words",
    "date": "date",
    "time": "time",
    shape.BOXES: "all that fit",
    shape.GROUP: "group",
    shape.DISPLAY: "text to read",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One question as a row of a table."""

    link_id: str
    text: str
    kind: str
    options: str
    condition: str
    notes: str


@dataclass(frozen=True, slots=True)
class Row:
    """A questionnaire in the list: its newest version, and where it is asked."""

    instrument: Instrument
    slots: Sequence[str]
    count: int


def of(clinic: Clinic) -> dict[str, Any]:
    """The newest version of each, what ships apart from what the clinic brought."""
    rows = (
        Instrument.objects.filter(clinic=clinic)
        .defer("definition")
        .order_by("title", "version")
    )
    newest: dict[str, Instrument] = {}
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.key] += 1
        if row.key not in newest or row.version > newest[row.key].version:
            newest[row.key] = row
    asked = _slots(uses.of(clinic))
    found = [Row(row, asked.get(key, ()), counts[key]) for key, row in newest.items()]
    is_own = Instrument.Origin.CLINIC
    return {
        "own": [row for row in found if row.instrument.origin == is_own],
        "shipped": [row for row in found if row.instrument.origin != is_own],
        "slots": _filled(clinic),
    }


def _slots(found: Sequence[InstrumentUse]) -> dict[str, list[str]]:
    slots: dict[str, list[str]] = defaultdict(list)
    for use in found:
        slots[use.instrument_key].append(_words(use))
    return slots


def _words(use: InstrumentUse) -> str:
    slot = vocabulary.slots().get(use.slot)
    name = slot.name if slot else use.slot
    where = ", ".join(site.replace("_", " ") for site in use.sites)
    return f"{name} ({where})" if where else name


def _filled(clinic: Clinic) -> list[tuple[str, str, list[InstrumentUse]]]:
    """Each slot, and what fills it."""
    held = uses.of(clinic)
    return [
        (slot.key, slot.name, [use for use in held if use.slot == slot.key])
        for slot in vocabulary.slots().values()
    ]


def questions(definition: InstrumentDefinition, language: str = "en") -> list[Line]:
    boxes = {box.link_id for item in definition.walk() for box in _boxes(item)}
    items = definition.by_link_id
    return [
        Line(
            link_id=item.link_id,
            text=in_language(item.text, language),
            kind=KINDS.get(item.type, item.type),
            options=_options(item, language),
            condition=_conditions(item, items),
            notes=_notes(item),
        )
        for item in definition.walk()
        if item.link_id not in boxes
    ]


def _boxes(item: Item) -> Sequence[Item]:
    return item.items if item.type == shape.BOXES else ()


def _options(item: Item, language: str) -> str:
    if item.type == shape.BOXES:
        return " · ".join(in_language(box.text, language) for box in item.items)
    if item.options:
        return " · ".join(
            f"{in_language(option.label, language)} ({option.points:f})"
            for option in item.options
        )
    if item.minimum is not None and item.maximum is not None:
        return f"{item.minimum:f} to {item.maximum:f} {item.unit}".strip()
    return item.unit


def _conditions(item: Item, items: Any) -> str:
    joint = " or " if item.enable_any else " and "
    return joint.join(_condition(each, items) for each in item.enable_when)


def _condition(condition: Condition, items: Any) -> str:
    if condition.conditions:
        joint = " and " if condition.operator == shape.ALL else " or "
        parts = [_condition(each, items) for each in condition.conditions]
        return f"({joint.join(parts)})"
    if condition.operator == "exists":
        is_there = condition.answer == "true"
        return f"{condition.question} is {'' if is_there else 'not '}answered"
    options = {
        str(option.value): in_language(option.label, "en")
        for option in items[condition.question].options
    }
    if items[condition.question].type == "yes_no":
        options = {"1": "yes", "0": "no"}
    answer = options.get(condition.answer, condition.answer)
    return f"{condition.question} {condition.operator} {answer}"


def _notes(item: Item) -> str:
    said = []
    if item.formula:
        said.append("calculated, not shown")
    elif item.is_hidden:
        said.append("hidden")
    elif item.is_read_only:
        said.append("read-only, not asked")
    if item.is_optional and not item.is_never_asked:
        said.append("may be left empty")
    return ", ".join(said)


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A score of a draft as it was stated; `made_of` says how."""

    key: str
    name: str
    made_of: str
    # The formula itself, where `made_of` puts it more plainly.
    path: str
    range: str
    better_is: str
    mic: str
    is_complete: bool
    is_formula: bool
    minimum: str
    maximum: str


def scores(draft: InstrumentDraft, content: Content) -> list[ScoreLine]:
    complete = {one.scale.measure for one in content.scores}
    found = []
    for spec in draft.scores:
        key = str(spec.get("key", ""))
        low, high = str(spec.get("minimum", "")), str(spec.get("maximum", ""))
        formula = str(spec.get("formula", ""))
        made_of = plain_formulas.read(formula) if formula else _made_of(spec)
        is_complete = bool({key, f"{draft.key}_{key}"} & complete)
        found.append(
            ScoreLine(
                key=key,
                name=str(spec.get("name", "")),
                made_of=made_of,
                path=formula if formula != made_of else "",
                range=f"{low} to {high}" if low and high else "not stated",
                better_is=str(spec.get("better_is", "")) or "not stated",
                mic=_mic(spec),
                is_complete=is_complete,
                is_formula=spec.get("method") == "formula",
                minimum=low,
                maximum=high,
            )
        )
    return found


def _made_of(spec: dict[str, Any]) -> str:
    items = spec.get("items")
    names = ", ".join(map(str, items)) if isinstance(items, list) else ""
    return f"{spec.get('method', '')} of {names}"


def _mic(spec: dict[str, Any]) -> str:
    points = spec.get("mic_points") or spec.get("mic_percent")
    return f"{points} ({spec.get('mic_source', '')})" if points else ""


def measures(row: Instrument, definition: InstrumentDefinition) -> list[Measure]:
    return list(
        Measure.objects.filter(clinic=row.clinic_id, key__in=definition.measures)
    )


def versions(row: Instrument) -> list[Instrument]:
    return list(
        Instrument.objects.filter(clinic=row.clinic_id, key=row.key)
        .select_related("published_by")
        .defer("definition")
        .order_by("-version")
    )
