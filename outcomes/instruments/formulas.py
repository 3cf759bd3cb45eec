"""Scores that are reckoned by FHIRPath, as questionnaires of others bring them. Pure.

What cannot be reckoned is None and never 0. Expressions come from files of strangers:
only what is named here may be called, and nothing that grows without bound.
"""

import functools
import importlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from outcomes.instruments import definition as shape
from outcomes.instruments import enabling
from outcomes.instruments.definition import (
    YES,
    Given,
    InstrumentDefinition,
    Item,
    Option,
    Values,
)

ALGORITHM_VERSION = "fhirpath_1"
WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
LONGEST, DEEPEST = 4000, 40

# Walk over what stands below, so that within one another they grow without bound.
_WALKING = ("descendants", "children", "repeat")
_ITERATING = ("where", "select", "all", "exists", "repeat")
_PLAIN = (
    *("abs", "allFalse", "allTrue", "anyFalse", "anyTrue", "as", "avg"),
    *("ceiling", "combine", "contains", "count", "distinct", "empty", "endsWith"),
    *("exclude", "extension", "first", "floor", "hasValue", "iif", "in", "intersect"),
    *("is", "isDistinct", "last", "length", "lower", "max", "min", "not", "ofType"),
    *("ordinal", "power", "round", "single", "skip", "sqrt", "startsWith", "sum"),
    *("tail", "take", "toBoolean", "toDecimal", "toInteger", "toString", "trim"),
    *("truncate", "union", "upper", "weight", "aggregate", "and", "or", "xor"),
    *("implies", "div", "mod"),
)
KNOWN = frozenset((*_PLAIN, *_WALKING, *_ITERATING))
_TOKEN = re.compile(
    r"'(?:[^'\\]|\\.)*'|`[^`]*`|[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_'`-]+|[()]|\S"
)
_ADDED_UP = re.compile(
    r"aggregate\(\s*(\$this\s*\+\s*\$total|\$total\s*\+\s*\$this)\s*(,\s*[0-9.]+\s*)?\)"
)


def fault(expression: str) -> str:
    """Why it cannot be reckoned, in words; empty where it can be tried."""
    if len(expression) > LONGEST:
        return f"the formula is longer than {LONGEST} characters"
    problem = _calls_fault(_TOKEN.findall(expression))
    rest = _ADDED_UP.sub("", expression)
    if not problem and re.search(r"\baggregate\s*\(", rest):
        return "aggregate() can only add up: aggregate($this + $total, 0)"
    return problem or _syntax_fault(expression)


def _calls_fault(tokens: Sequence[str]) -> str:
    opened: list[str] = []
    before, walked = "", ""
    for word in tokens:
        if word == "(":
            problem = _call_fault(before, opened, walked)
            if problem:
                return problem
            opened.append(before)
            if before in (*_WALKING, "where"):
                walked = before
        elif word == ")" and opened:
            opened.pop()
        elif word.startswith("%") and word not in ("%resource", "%context"):
            return f"the variable {word} is not known here; use %resource"
        before = word
    return ""


def _call_fault(name: str, opened: Collection[str], walked: str) -> str:
    if len(opened) >= DEEPEST:
        return f"more than {DEEPEST} brackets stand within one another"
    is_call = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None
    if is_call and name not in KNOWN:
        return f"the function {name}() is not supported"
    if name in _WALKING and (walked in _WALKING or set(opened) & set(_ITERATING)):
        return f"{name}() stands within another walk over all items"
    return ""


def _syntax_fault(expression: str) -> str:
    try:
        _parse(expression)
        _compiled(expression)
    # The library raises bare exceptions of its own and of its parser.
    except Exception as error:
        return f"the formula cannot be read: {str(error)[:120]}"
    return ""


def questions_in(expression: str, link_ids: Collection[str]) -> list[str]:
    """The link ids that it names, in their order, each once."""
    names = [t[1:-1] for t in _TOKEN.findall(expression) if t.startswith("'")]
    return [name for name in dict.fromkeys(names) if name in link_ids]


def inputs_of(expression: str, items: Mapping[str, Item]) -> list[str]:
    """The questions that it is made of, also over other reckoned ones."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    ahead = questions_in(expression, items)
    while ahead:
        name = ahead.pop(0)
        if name in seen:
            continue
        seen.add(name)
        item = items[name]
        if item.formula:
            ahead += questions_in(item.formula, items)
        elif item.type == shape.GROUP:
            ahead += [each.link_id for each in item.items]
        elif not item.is_never_asked and item.type != shape.DISPLAY:
            found |= {each.link_id: None for each in item.answered}
    return list(found)


def value_of(
    expression: str, instrument: InstrumentDefinition, answers: Values
) -> Decimal | None:
    """What it makes of the answers; None where that is no single number."""
    given = {**answers, **enabling.constants(instrument.items, answers)}
    for item in _in_order(expression, instrument.by_link_id):
        given[item.link_id] = _reckoned(item.formula, instrument.items, given)
    return _reckoned(expression, instrument.items, given)


def _in_order(expression: str, items: Mapping[str, Item]) -> list[Item]:
    """The reckoned items that it stands on, each after those that it stands on."""
    found: dict[str, Item] = {}

    def add(text: str, above: frozenset[str]) -> None:
        for name in questions_in(text, items):
            if items[name].formula and name not in found and name not in above:
                add(items[name].formula, above | {name})
                found[name] = items[name]

    add(expression, frozenset())
    return list(found.values())


def _reckoned(
    expression: str, items: Iterable[Item], answers: Values
) -> Decimal | None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": response_items(items, answers),
    }
    try:
        found = _compiled(expression)(response, {"resource": response})
    # As above: whatever it stumbles over, there is no score.
    except Exception:
        return None
    return _number(found[0]) if len(found) == 1 else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() and abs(number) < Decimal(10) ** 6 else None


# --- Answers as the items of a QuestionnaireResponse ---------------------------------


def response_items(items: Iterable[Item], answers: Values) -> list[dict[str, Any]]:
    """Those that were answered, in the groups that they stand in."""
    found = []
    for item in items:
        held: dict[str, Any] = {"linkId": item.link_id}
        if item.type == shape.GROUP:
            held["item"] = response_items(item.items, answers)
        else:
            held["answer"] = _answers(item, answers)
        if held.get("item") or held.get("answer"):
            found.append(held)
    return found


def _answers(item: Item, answers: Values) -> list[dict[str, Any]]:
    if item.type == shape.BOXES:
        checked = [b for b in item.items if answers.get(b.link_id) == YES]
        return [_coding(_option_of_box(box)) for box in checked]
    given = answers.get(item.link_id)
    return [] if given is None else [_answer(item, given)]


def _answer(item: Item, given: Given) -> dict[str, Any]:
    if isinstance(given, str):
        names = {"date": "valueDate", "time": "valueTime"}
        return {names.get(item.type, "valueString"): given}
    number = given if given is not None else Decimal(0)
    if item.type == "yes_no":
        return {"valueBoolean": number == YES}
    for option in item.options:
        if option.value == number and (option.code or option.system):
            return _coding(option)
    if number == number.to_integral_value() and item.type != "decimal":
        return {"valueInteger": int(number)}
    return {"valueDecimal": number}


def _coding(option: Option) -> dict[str, Any]:
    coding: dict[str, Any] = {"code": option.code}
    if option.system:
        coding["system"] = option.system
    if option.weight is not None:
        coding["extension"] = [
            {"url": url, "valueDecimal": option.weight} for url in (WEIGHT, ORDINAL)
        ]
    return {"valueCoding": coding}


def _option_of_box(box: Item) -> Option:
    code = box.code or box.link_id.rpartition("/")[2]
    return Option(YES, box.text, code, box.system, box.weight)


# --- The library ---------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _compiled(expression: str) -> Callable[..., list[Any]]:
    """Read once a process; the first one loads the library."""
    library, models = _library()
    found: Callable[..., list[Any]] = library.compile(
        expression, models.models["r4"], {"userInvocationTable": _OWN}
    )
    return found


def _parse(expression: str) -> None:
    """All of it, by the library's own grammar: the library itself takes what it can.

    It would reckon "a b" as "a", and a score must not be reckoned from half a formula.
    """
    antlr, grammar = _grammar()
    lexer = grammar.FHIRPathLexer(antlr.InputStream(expression))
    parser = grammar.FHIRPathParser(antlr.CommonTokenStream(lexer))
    for each in (lexer, parser):
        each.removeErrorListeners()
        each.addErrorListener(_strict())
    parser.entireExpression()


@functools.cache
def _strict() -> Any:
    """An error listener that raises, where the parser's own goes on."""

    def raise_it(
        self: Any, recognizer: Any, symbol: Any, line: int, column: int, *why: Any
    ) -> None:
        raise ValueError(f"character {column + 1}: {why[0]}")

    base = importlib.import_module("antlr4.error.ErrorListener").ErrorListener
    return type("Strict", (base,), {"syntaxError": raise_it})()


@functools.cache
def _grammar() -> tuple[Any, Any]:
    return (
        importlib.import_module("antlr4"),
        importlib.import_module("fhirpathpy.parser"),
    )


@functools.cache
def _library() -> tuple[Any, Any]:
    """A tenth of a second and 13 MB that most processes never need."""
    return (
        importlib.import_module("fhirpathpy"),
        importlib.import_module("fhirpathpy.models"),
    )


def _weights(nodes: Iterable[Any]) -> list[Decimal]:
    """What options count; the library does not know it."""
    found = []
    for node in _plain(nodes):
        extensions = node.get("extension", ()) if isinstance(node, dict) else ()
        found += [e["valueDecimal"] for e in extensions if e["url"] == WEIGHT]
    return found


def _plain(nodes: Iterable[Any]) -> list[Any]:
    return [getattr(node, "data", node) for node in nodes]


def _numbers(nodes: Iterable[Any]) -> list[Decimal]:
    try:
        return [Decimal(str(value)) for value in _plain(nodes)]
    except InvalidOperation:
        raise ValueError("only numbers can be reckoned with") from None


def _sum(nodes: Iterable[Any]) -> list[Decimal]:
    """Nothing where there is nothing to add: no answer is not 0."""
    values = _numbers(nodes)
    return [sum(values, Decimal(0))] if values else []


def _average(nodes: Iterable[Any]) -> list[Decimal]:
    values = _numbers(nodes)
    return [sum(values, Decimal(0)) / len(values)] if values else []


def _least(nodes: Iterable[Any]) -> list[Decimal]:
    return sorted(_numbers(nodes))[:1]


def _most(nodes: Iterable[Any]) -> list[Decimal]:
    return sorted(_numbers(nodes))[-1:]


_OWN: Mapping[str, Mapping[str, Any]] = {
    name: {"fn": function, "arity": {0: []}}
    for name, function in {
        "weight": _weights,
        "ordinal": _weights,
        "sum": _sum,
        "avg": _average,
        "min": _least,
        "max": _most,
    }.items()
}
