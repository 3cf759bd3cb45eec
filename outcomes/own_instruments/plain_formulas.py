"""Formulas in FHIRPath as people write them, for the pages that show them. Pure.

Only what is read is put plainly: where an answer comes from becomes its name. What is
not known stays as it is, and the whole path stands beside it.
"""

import re

_ROOT = r"(?:%(?:resource|questionnaire|context)\.)?"
_WALK = r"(?:(?:repeat\(item\)|descendants\(\)|item)\.)+"
_NAME = r"'(?:[^'\\]|\\.)*'"
_WHICH = (
    rf"where\(\s*linkId\s*(?:=\s*({_NAME})|in\s*\(({_NAME}(?:\s*\|\s*{_NAME})*)\))\s*\)"
)
_VALUE = (
    r"(?:\.answer)?(?:\.first\(\))?(?:\.value)?(?:\.first\(\))?"
    r"(?:\.(?:weight|ordinal)\(\)|\.(?:value|code|integer|decimal)\b)?"
    r"(?:\.select\(iif\(\$this = true, 1, 0\)\))?"
)
_ANSWER = re.compile(_ROOT + _WALK + _WHICH + _VALUE)
_NAMES = re.compile(_NAME)
_BOX = re.compile(rf"(\S+)\.where\(code\s*=\s*({_NAME})\)\.count\(\)")
_ROW = re.compile(r"\[([^\]]+)\]\.(sum|avg|min|max)\(\)")
_CALLED = {"avg": "mean"}


def read(path: str) -> str:
    """Such as "q1 + q2" or "mean(q1, q2)"; the path itself where it is not known."""
    plain = _ANSWER.sub(_named, path)
    plain = _BOX.sub(lambda found: f"{found[1]}({_bare(found[2])})", plain)
    plain = _ROW.sub(
        lambda found: f"{_CALLED.get(found[2], found[2])}({found[1]})", plain
    )
    return _unwrapped(plain.replace("[", "").replace("]", ""))


def _named(found: re.Match[str]) -> str:
    """One name as it is, several in brackets until what is done with them is known."""
    names = [_bare(each) for each in _NAMES.findall(found[1] or found[2])]
    is_row = found[2] is not None
    return f"[{', '.join(names)}]" if is_row else names[0]


def _bare(quoted: str) -> str:
    return quoted[1:-1].replace("\\'", "'")


def _unwrapped(text: str) -> str:
    """Without brackets around the whole."""
    while text.startswith("(") and _closes_at(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes_at(text: str) -> int:
    depth = 0
    for place, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0:
            return place
    return -1
