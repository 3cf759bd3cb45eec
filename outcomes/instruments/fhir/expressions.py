"""Conditions that enableWhen cannot say, as FHIRPath: written, and read back. Pure.

Mixed "all" and "any", and boxes that must not be checked. Only what is written here is
read: any other expression is refused by name.
"""

import re
from collections.abc import Mapping
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments.definition import Item

Content = dict[str, Any]
DEEPEST = 20
ANSWER = "%resource.repeat(item).where(linkId='{name}').answer.value"
_TEXT = r"'((?:[^'\\]|\\.)*)'"
_ATOM = re.compile(
    rf"%resource\.repeat\(item\)\.where\(linkId={_TEXT}\)\.answer\.value"
    rf"(?:\.where\(code={_TEXT}\))?"
    r"(?:(\.exists\(\)|\.empty\(\))"
    rf"|(?:\.code)?\s*(=|!=|>=|<=|>|<)\s*(?:{_TEXT}|@?T?([a-z0-9.:-]+)))"
)
_WORDS = re.compile(r"\s*(\(|\)|and\b|or\b)")


def write(condition: shape.Condition, items: Mapping[str, Item]) -> str:
    """One condition, and all that it holds together in brackets."""
    if condition.operator in (shape.ALL, shape.ANY):
        joint = " and " if condition.operator == shape.ALL else " or "
        parts = [write(each, items) for each in condition.conditions]
        return f"({joint.join(parts)})"
    item = items[condition.question]
    parent = parent_of(item, items)
    if parent is not None:
        is_checked = (condition.answer == "1") == (condition.operator == "=")
        answer = ANSWER.format(name=quoted(parent.link_id))
        there = "exists" if is_checked else "empty"
        code = item.code or item.link_id.rpartition("/")[2]
        return f"{answer}.where(code='{quoted(code)}').{there}()"
    answer = ANSWER.format(name=quoted(item.link_id))
    if condition.operator == "exists":
        return answer + (".exists()" if condition.answer == "true" else ".empty()")
    return answer + _compared(item, condition)


def parent_of(item: Item, items: Mapping[str, Item]) -> Item | None:
    """The question that it is a box of."""
    parent = items.get(item.link_id.rpartition("/")[0])
    is_box = parent is not None and parent.type == shape.BOXES
    return parent if is_box and item in getattr(parent, "items", ()) else None


def _compared(item: Item, condition: shape.Condition) -> str:
    operator, answer = condition.operator, condition.answer
    if item.type == "yes_no":
        return f" {operator} {'true' if answer == '1' else 'false'}"
    for option in item.options:
        if str(option.value) == answer and option.code:
            return f".code {operator} '{quoted(option.code)}'"
    if item.type in ("date", "time"):
        return f" {operator} @{'T' if item.type == 'time' else ''}{answer}"
    is_number = item.type in (*shape.NUMBERS, *shape.RATINGS) or bool(item.options)
    return f" {operator} {answer}" if is_number else f" {operator} '{quoted(answer)}'"


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def read(text: str) -> Content | None:
    """As it was written, with codes; None where it is not of the form written here."""
    try:
        found, rest = _either(text, 0)
    except ValueError:
        return None
    return found if not rest.strip() else None


def _either(text: str, depth: int) -> tuple[Content, str]:
    return _joined(text, depth, "or", shape.ANY)


def _joined(text: str, depth: int, word: str, operator: str) -> tuple[Content, str]:
    """Several of what binds closer, with this word between them."""
    found = []
    while True:
        one, text = (
            _joined(text, depth, "and", shape.ALL)
            if word == "or"
            else _one(text, depth)
        )
        found.append(one)
        ahead = _WORDS.match(text)
        if ahead is None or ahead.group(1) != word:
            break
        text = text[ahead.end() :]
    if len(found) == 1:
        return found[0], text
    return {"operator": operator, "conditions": found}, text


def _one(text: str, depth: int) -> tuple[Content, str]:
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    ahead = _WORDS.match(text)
    if ahead is not None and ahead.group(1) == "(":
        found, rest = _either(text[ahead.end() :], depth + 1)
        closed = _WORDS.match(rest)
        if closed is None or closed.group(1) != ")":
            raise ValueError("a bracket is not closed")
        return found, rest[closed.end() :]
    text = text.lstrip()
    atom = _ATOM.match(text)
    if atom is None:
        raise ValueError("no comparison")
    name, box, existence, operator, words, plain = atom.groups()
    found = {"question": _unquoted(name), "operator": operator or "exists"}
    if box is not None:
        found["box"] = _unquoted(box)
    there = "true" if existence == ".exists()" else "false"
    told = plain if words is None else _unquoted(words)
    found["answer"] = there if existence else told
    return found, text[atom.end() :]
