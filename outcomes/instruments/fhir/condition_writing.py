"""Conditions and first answers as FHIR writes them. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.definition import Condition, Item
from outcomes.instruments.fhir import addresses, expressions

Content = dict[str, Any]


def enable_when(item: Item, items: Mapping[str, Item]) -> Content:
    """Its conditions; none where FHIR can only say them in an expression."""
    found = [_one(each, items) for each in item.enable_when]
    kept = [each for each in found if each is not None]
    if not kept or len(kept) < len(found):
        return {}
    behavior = "any" if item.enable_any else "all"
    return {
        "enableWhen": kept,
        **({"enableBehavior": behavior} if len(kept) > 1 else {}),
    }


def expression(item: Item, items: Mapping[str, Item]) -> list[Content]:
    """Of what is mixed, or asks that a box is not checked."""
    if not item.enable_when or enable_when(item, items):
        return []
    whole = item.enable_when[0]
    if len(item.enable_when) > 1:
        operator = shape.ANY if item.enable_any else shape.ALL
        whole = Condition("", operator, "", item.enable_when)
    held = {"language": "text/fhirpath", "expression": expressions.write(whole, items)}
    return [{"url": addresses.ENABLE_WHEN, "valueExpression": held}]


def _one(condition: Condition, items: Mapping[str, Item]) -> Content | None:
    if condition.conditions:
        return _any_box(condition, items)
    item = items[condition.question]
    if condition.operator == "exists":
        there = condition.answer == "true"
        return _said(item, "exists", {"answerBoolean": there})
    parent = expressions.parent_of(item, items)
    if parent is None:
        return _said(item, condition.operator, _answer(item, condition.answer))
    if (condition.operator, condition.answer) != ("=", "1"):
        return None
    if is_coded(parent, item):
        coding = _coding(code_of(item), item.system)
        return _said(parent, "=", {"answerCoding": coding})
    text = next(iter(item.text.values()))
    is_number = text == code_of(item)
    answer = {"answerInteger": int(text)} if is_number else {"answerString": text}
    return _said(parent, "=", answer)


def code_of(box: Item) -> str:
    return box.code or box.link_id.rpartition("/")[2]


def is_coded(parent: Item, box: Item) -> bool:
    """Unless it was brought as a text or a number: it is named by its place then."""
    is_place = re.fullmatch(r"-?[0-9]+", code_of(box)) is not None
    is_named_so = box.link_id == f"{parent.link_id}/{code_of(box)}"
    return bool(box.code) or not (is_place and is_named_so)


def _any_box(condition: Condition, items: Mapping[str, Item]) -> Content | None:
    """Whether any box of a question is checked, or none is."""
    first = items.get(condition.conditions[0].question)
    parent = expressions.parent_of(first, items) if first else None
    there = condition.operator == shape.ANY
    boxes = {
        Condition(box.link_id, "=", str(int(there)))
        for box in (parent.items if parent else ())
    }
    if parent is None or boxes != set(condition.conditions):
        return None
    return _said(parent, "exists", {"answerBoolean": there})


def _said(item: Item, operator: str, answer: Content) -> Content:
    return {"question": item.link_id, "operator": operator, **answer}


def _answer(item: Item, answer: str) -> Content:
    if item.type == "yes_no":
        return {"answerBoolean": answer == "1"}
    for option in item.options:
        if str(option.value) == answer:
            if option.code:
                return {"answerCoding": _coding(option.code, option.system)}
            words = next(iter(option.label.values()))
            places = [each.value for each in item.options]
            if words != answer and places != list(range(1, len(places) + 1)):
                return {"answerCoding": _coding(answer, "")}
            is_number = words == answer
            return (
                {"answerInteger": int(answer)} if is_number else {"answerString": words}
            )
    names = {"date": "answerDate", "time": "answerTime", "decimal": "answerDecimal"}
    if item.type == "decimal":
        return {"answerDecimal": Decimal(answer)}
    if item.type in (*shape.RATINGS, "integer", "choice"):
        value = Decimal(answer)
        is_whole = value == value.to_integral_value()
        return {"answerInteger": int(value)} if is_whole else {"answerDecimal": value}
    return {names.get(item.type, "answerString"): answer}


def _coding(code: str, system: str) -> Content:
    return ({"system": system} if system else {}) | {"code": code}


def initial(item: Item) -> Content:
    said = _answer(item, item.initial)
    return {key.replace("answer", "value"): value for key, value in said.items()}
