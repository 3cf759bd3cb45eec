"""Calculations of a data dictionary become FHIRPath, so that one engine does. Pure.

As REDCap reckons: a blank makes a sum of terms blank, while sum(), mean(), min() and
max() leave blanks out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.fhir.expressions import quoted
from outcomes.instruments.redcap import logic
from outcomes.instruments.redcap.logic import LogicError, Tree

Content = dict[str, Any]
Items = Mapping[str, Content]
GATHERED = {"sum": "sum", "mean": "avg", "min": "min", "max": "max"}
_ITEM = "%resource.repeat(item).where(linkId{names}).answer.value"
_OPERATORS = {"<>": "!=", **{each: each for each in ("=", "<", ">", "<=", ">=")}}
_OPERATORS |= {each: each for each in ("+", "-", "*", "/", "and", "or")}
NOTHING = "{}"


def read(text: str, items: Items) -> str:
    """The expression in FHIRPath; LogicError names what cannot be reckoned."""
    return _told(logic.read(text), items)


def leaves_blanks_out(text: str) -> bool:
    """Whether it makes a score though something is missing."""
    return any(f"{name}(" in text.replace(" ", "").lower() for name in GATHERED)


def _told(tree: Tree, items: Items) -> str:
    kind = tree[0]
    if kind == "number":
        return f"0{tree[1]}" if tree[1].startswith(".") else str(tree[1])
    if kind == "text":
        return _text(tree[1])
    if kind == "field":
        return _field(tree, items)
    if kind == "call":
        return _call(tree[1], tree[2], items)
    if kind == "^":
        return f"({_told(tree[1], items)}).power({_told(tree[2], items)})"
    if kind in _OPERATORS:
        return _operation(tree, items)
    raise LogicError(f"{kind} is not understood")


def _text(text: str) -> str:
    """A number in quotation marks is one; nothing, or NaN, is no answer."""
    if text.replace(".", "", 1).replace("-", "", 1).isdecimal():
        return text
    return NOTHING if text.lower() in ("", "nan") else f"'{quoted(text)}'"


def _operation(tree: Tree, items: Items) -> str:
    operator, left, right = tree
    for one, other in ((left, right), (right, left)):
        is_blank = other[0] == "text" and not other[1]
        if is_blank and one[0] == "field" and operator in ("=", "<>"):
            there = "empty" if operator == "=" else "exists"
            return f"{_field(one, items)}.{there}()"
        if one[0] == "field" and _is_coded(one, other, items):
            code = f"'{quoted(other[1])}'"
            names = _names([one[1]])
            return f"({_ITEM.format(names=names)}.code {_OPERATORS[operator]} {code})"
    told = _OPERATORS[operator]
    return f"({_told(left, items)} {told} {_told(right, items)})"


def _is_coded(field: Tree, other: Tree, items: Items) -> bool:
    """Whether a choice is compared with a code that is no number."""
    is_choice = bool(items.get(field[1], {}).get("options"))
    is_word = other[0] == "text" and _text(other[1]).startswith("'")
    return is_choice and is_word


def _names(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"='{quoted(names[0])}'"
    return f" in ({' | '.join(repr_of(name) for name in names)})"


def repr_of(name: str) -> str:
    return f"'{quoted(name)}'"


def _accessor(name: str, items: Items) -> str:
    """How the number of an answer is come by."""
    item = items.get(name)
    if item is None:
        raise LogicError(f"[{name}] is no field of this form")
    if item.get("options"):
        if not all("weight" in option for option in item["options"]):
            raise LogicError(f"the choices of [{name}] are no numbers")
        return ".weight()"
    if item["type"] in (*shape.NUMBERS, *shape.RATINGS):
        return ""
    if item["type"] == "yes_no":
        return ".select(iif($this = true, 1, 0))"
    raise LogicError(f"[{name}] is no number")


def _field(tree: Tree, items: Items) -> str:
    name, code = tree[1], tree[2]
    if not code:
        return _ITEM.format(names=_names([name])) + _accessor(name, items)
    item = items.get(name)
    if item is None or item["type"] != shape.BOXES:
        raise LogicError(f"[{name}] is no checkbox field of this form")
    if code not in {box["code"] for box in item["items"]}:
        raise LogicError(f"{code} is no choice of [{name}]")
    return f"{_ITEM.format(names=_names([name]))}.where(code='{quoted(code)}').count()"


def _call(name: str, parts: Sequence[Tree], items: Items) -> str:
    if name in GATHERED and parts:
        return f"{_gathered(parts, items)}.{GATHERED[name]}()"
    made = _CALLS.get((name, len(parts)))
    if made is None:
        raise LogicError(f"{name}() with {len(parts)} values is not supported")
    return made(*(_told(part, items) for part in parts))


_CALLS: Mapping[tuple[str, int], Callable[..., str]] = {
    ("if", 3): lambda condition, yes, no: f"iif({condition}, {yes}, {no})",
    ("round", 1): lambda value: f"({value}).round(0)",
    ("round", 2): lambda value, digits: f"({value}).round({digits})",
    ("roundup", 1): lambda value: f"({value}).ceiling()",
    ("rounddown", 1): lambda value: f"({value}).floor()",
    ("abs", 1): lambda value: f"({value}).abs()",
    ("sqrt", 1): lambda value: f"({value}).sqrt()",
}


def _gathered(parts: Sequence[Tree], items: Items) -> str:
    """All values in one row; fields that are read alike are read at once."""
    alike: dict[str, list[str]] = {}
    rest = []
    for part in parts:
        if part[0] == "field" and not part[2] and parts.count(part) == 1:
            alike.setdefault(_accessor(part[1], items), []).append(part[1])
        else:
            rest.append(f"({_told(part, items)})")
    rows = [
        _ITEM.format(names=_names(names)) + accessor
        for accessor, names in alike.items()
    ] + rest
    first, *others = rows
    return first + "".join(f".combine({each})" for each in others)
