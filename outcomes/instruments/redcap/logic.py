"""Reads the expressions of a data dictionary: branching logic and calculations. Pure.

As nested tuples: ("number", text), ("text", text), ("field", name, code),
("call", name, parts), (operator, left, right).
"""

import re
from collections.abc import Sequence
from typing import Any

Tree = tuple[Any, ...]
LONGEST, DEEPEST = 8000, 30
_TOKEN = re.compile(
    r"\s*(?:(?P<field>\[[^\[\]]*\](?:\[[^\[\]]*\])*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><>|!=|>=|<=|==|&&|\|\||[=<>+\-*/^(),%]))"
)
_FIELD = re.compile(r"\[([a-z][a-z0-9_]*)(?:\(([^()\[\]]+)\))?\]", re.IGNORECASE)
_SAME = {"!=": "<>", "==": "=", "&&": "and", "||": "or"}
COMPARED = ("=", "<>", "<", ">", "<=", ">=")
# From what binds loosest to what binds tightest.
_LEVELS: Sequence[Sequence[str]] = (("or",), ("and",), COMPARED, ("+", "-"), ("*", "/"))


class LogicError(ValueError):
    """The message says what in the expression is not understood."""


def read(text: str) -> Tree:
    """The whole expression; LogicError names what is not understood."""
    if len(text) > LONGEST:
        raise LogicError(f"it is longer than {LONGEST} characters")
    reader = _Reader(_tokens(text))
    found = reader.level(0, 0)
    if reader.ahead:
        raise LogicError(f"{reader.ahead[1]!r} is not expected there")
    return found


def fields(tree: Tree) -> set[str]:
    """The fields that it names."""
    if tree[0] == "field":
        return {tree[1]}
    found: set[str] = set()
    for part in tree[1:]:
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, tuple):
                found |= fields(each)
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise LogicError(f"{text[place : place + 20].strip()!r} is not understood")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def ahead(self) -> tuple[str, str] | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self) -> tuple[str, str]:
        found = self.ahead
        if found is None:
            raise LogicError("it ends too early")
        self.place += 1
        return found

    def is_next(self, *signs: str) -> str:
        """The operator that comes next, if it is one of these."""
        kind, text = self.ahead or ("", "")
        name = text.lower() if kind in ("sign", "word") else ""
        name = _SAME.get(name, name)
        return name if name in signs else ""

    def level(self, level: int, depth: int) -> Tree:
        if level == len(_LEVELS):
            return self.power(depth)
        found = self.level(level + 1, depth)
        while operator := self.is_next(*_LEVELS[level]):
            self.take()
            found = (operator, found, self.level(level + 1, depth))
        return found

    def power(self, depth: int) -> Tree:
        found = self.one(depth)
        while self.is_next("^"):
            self.take()
            found = ("^", found, self.one(depth))
        return found

    def one(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise LogicError(f"more than {DEEPEST} brackets stand within one another")
        kind, text = self.take()
        if kind == "number":
            return "number", text
        if kind == "text":
            return "text", text[1:-1].strip()
        if kind == "field":
            return _field(text)
        if kind == "word":
            return self.call(text, depth)
        if text == "(":
            found = self.level(0, depth + 1)
            self.close()
            return found
        if text in ("-", "+"):
            inner = self.one(depth + 1)
            return ("-", ("number", "0"), inner) if text == "-" else inner
        raise LogicError(f"{text!r} is not expected there")

    def call(self, name: str, depth: int) -> Tree:
        if not self.is_next("("):
            raise LogicError(f"the word {name} is not understood")
        self.take()
        parts = []
        if not self.is_next(")"):
            parts.append(self.level(0, depth + 1))
            while self.is_next(","):
                self.take()
                parts.append(self.level(0, depth + 1))
        self.close()
        return "call", name.lower(), parts

    def close(self) -> None:
        if not self.is_next(")"):
            raise LogicError("a bracket is not closed")
        self.take()


def _field(text: str) -> Tree:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise LogicError(f"{text} is not a field of this form alone")
    return "field", match.group(1).lower(), (match.group(2) or "").strip()
