"""Branching logic becomes conditions as stored definitions hold them. Pure.

A blank answer is unlike every value in REDCap, so "is not 1" also holds before the
question is answered.
"""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.brought import number, plain
from outcomes.instruments.redcap import logic
from outcomes.instruments.redcap.logic import LogicError, Tree

Content = dict[str, Any]
Items = Mapping[str, Content]
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_JOINED = {"and": shape.ALL, "or": shape.ANY}


def read(text: str, items: Items) -> Content:
    """What goes onto an item: enable_when, and enable_any; LogicError says why not."""
    found = _condition(logic.read(text), items)
    parts = found.get("conditions", ())
    if parts and not any("conditions" in each for each in parts):
        is_any = found["operator"] == shape.ANY and len(parts) > 1
        return {"enable_when": parts, **({"enable_any": True} if is_any else {})}
    return {"enable_when": [found]}


def _condition(tree: Tree, items: Items) -> Content:
    operator = tree[0]
    if operator in _JOINED:
        joint = _JOINED[operator]
        parts: list[Content] = []
        for each in tree[1:]:
            part = _condition(each, items)
            is_same = part["operator"] == joint
            parts += part["conditions"] if is_same else [part]
        return {"operator": joint, "conditions": parts}
    if operator not in logic.COMPARED:
        name = f"{tree[1]}()" if operator == "call" else "an expression"
        raise LogicError(f"{name} cannot decide by itself whether a field is shown")
    left, right = tree[1], tree[2]
    if left[0] != "field":
        left, right, operator = right, left, _FLIPPED.get(operator, operator)
    if left[0] != "field" or right[0] not in ("number", "text", "-"):
        raise LogicError("only a field can be compared with a value")
    return _compared(left, operator, _value(right), items)


def _value(tree: Tree) -> str:
    if tree[0] != "-":
        return str(tree[1])
    if tree[1:2] != (("number", "0"),) or tree[2][0] != "number":
        raise LogicError("only a field can be compared with a value")
    return f"-{tree[2][1]}"


def _compared(field: Tree, operator: str, value: str, items: Items) -> Content:
    name, code = field[1], field[2]
    item = items.get(name)
    if item is None:
        raise LogicError(f"it hangs on [{name}], which is no field of this form")
    if item["type"] == shape.DISPLAY:
        raise LogicError(f"it hangs on [{name}], which nobody answers")
    if code or item["type"] == shape.BOXES:
        return _box(item, code, operator, value)
    if not value:
        return _existence(item, operator)
    answer = _answer(item, operator, value)
    if operator != "<>":
        return _single(name, operator, answer)
    unlike = _single(name, "!=", answer)
    blank = _single(name, "exists", "false")
    return {"operator": shape.ANY, "conditions": [blank, unlike]}


def _existence(item: Content, operator: str) -> Content:
    if operator not in ("=", "<>"):
        raise LogicError(f"{operator} with nothing is no condition")
    return _single(item["link_id"], "exists", "true" if operator == "<>" else "false")


def _box(item: Content, code: str, operator: str, value: str) -> Content:
    if item["type"] != shape.BOXES or not code:
        name = item["link_id"]
        raise LogicError(
            f"[{name}] goes with a code in brackets only if it is checkbox"
        )
    boxes = {box["code"]: box["link_id"] for box in item["items"]}
    if code not in boxes:
        raise LogicError(f"{code} is no choice of [{item['link_id']}]")
    if operator not in ("=", "<>") or value not in ("0", "1", ""):
        raise LogicError(f"[{item['link_id']}({code})] is '1' or '0'")
    is_checked = (value == "1") == (operator == "=")
    if is_checked:
        return _single(boxes[code], "=", "1")
    blank = _single(boxes[code], "exists", "false")
    left_empty = _single(boxes[code], "=", "0")
    return {"operator": shape.ANY, "conditions": [blank, left_empty]}


def _answer(item: Content, operator: str, value: str) -> str:
    """The value as it is stored."""
    name = item["link_id"]
    if item.get("options"):
        return _option(item, operator, value)
    if item["type"] == "yes_no":
        if value not in ("0", "1"):
            raise LogicError(f"[{name}] is '1' or '0'")
        return value
    if item["type"] in (*shape.NUMBERS, *shape.RATINGS):
        amount = number(value)
        if amount is None:
            raise LogicError(f"[{name}] is a number, and {value!r} is none")
        return plain(amount)
    return value


def _option(item: Content, operator: str, value: str) -> str:
    are_numbers = all(
        str(option["value"]) == option.get("code") for option in item["options"]
    )
    is_ordered = operator not in ("=", "<>")
    if is_ordered and are_numbers and number(value) is not None:
        return value
    for option in item["options"]:
        if option.get("code") == value and not is_ordered:
            return str(option["value"])
    raise LogicError(f"{value!r} is no choice of [{item['link_id']}]")


def _single(name: str, operator: str, answer: str) -> Content:
    return {"question": name, "operator": operator, "answer": answer}
