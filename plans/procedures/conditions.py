"""Small conditions on what was entered: `guidance in ct|xray and site filled`.

Each term is `name in a|b`, `name filled` or `name over number`; all must hold. The
form's script (static/plans/procedure.js) reads the same words.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

OPERATORS = ("in", "filled", "over")
EMPTY: tuple[object, ...] = (None, "", [], ())


@dataclass(frozen=True, slots=True)
class Term:
    name: str
    operator: str
    operands: tuple[str, ...]

    def holds(self, values: Mapping[str, object]) -> bool:
        value = values.get(self.name)
        if self.operator == "filled":
            return value not in EMPTY
        if self.operator == "over":
            return _is_over(value, Decimal(self.operands[0]))
        held = value if isinstance(value, list | tuple) else [value]
        return any(str(one) in self.operands for one in held if one is not None)


@dataclass(frozen=True, slots=True)
class Condition:
    text: str
    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(term.name for term in self.terms)

    def holds(self, values: Mapping[str, object]) -> bool:
        return all(term.holds(values) for term in self.terms)


@functools.cache
def parse(text: str) -> Condition:
    """An empty text always holds; a text that is none raises ValueError."""
    words = [part.split() for part in text.split(" and ")] if text else []
    return Condition(text, tuple(_term(part) for part in words))


def _term(words: list[str]) -> Term:
    if len(words) == 2 and words[1] == "filled":
        return Term(words[0], "filled", ())
    if len(words) == 3 and words[1] in ("in", "over"):
        operands = tuple(words[2].split("|"))
        if words[1] == "over":
            _number(words[2])
        return Term(words[0], words[1], operands)
    raise ValueError(
        f"{' '.join(words)!r} is no condition; write `name in a|b`, `name filled` "
        "or `name over 0`."
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number.") from None


def _is_over(value: object, bound: Decimal) -> bool:
    try:
        return Decimal(str(value)) > bound
    except InvalidOperation:
        return False
