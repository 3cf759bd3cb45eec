"""Text that any record system takes: short lines, plain punctuation. Pure."""

import textwrap
import unicodedata

WIDTH = 100
# Letters keep their accents, for they are somebody's name; signs become ASCII.
SIGNS = {
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{BULLET}": "-",
    "\N{MIDDLE DOT}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{ALMOST EQUAL TO}": "~",
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{DEGREE SIGN}": " degrees",
    "\N{INVERTED QUESTION MARK}": "",
    "\N{INVERTED EXCLAMATION MARK}": "",
    "\N{FRACTION SLASH}": "/",
}


def plain(text: str) -> str:
    """On one line, with ASCII for every sign that is not a letter or a digit."""
    return " ".join("".join(map(_plain_character, text)).split())


def _plain_character(character: str) -> str:
    if character in SIGNS:
        return SIGNS[character]
    if character.isascii():
        return character if character.isprintable() else " "
    if unicodedata.category(character)[0] in "LMN":
        return character
    return " " if character.isspace() else "?"


def wrapped(text: str, *, indent: int = 0, hang: int = 2) -> list[str]:
    """Lines of at most WIDTH characters; all but the first hang a little further."""
    return textwrap.wrap(
        plain(text),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_on_hyphens=False,
    )


def quoted(text: str, *, indent: int = 4) -> list[str]:
    """What somebody wrote, line by line, set off so that it is no part of the note."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [
        line
        for part in lines
        for line in textwrap.wrap(
            plain(part),
            WIDTH,
            initial_indent=" " * indent + "| ",
            subsequent_indent=" " * indent + "| ",
        )
    ]


def section(title: str, lines: list[str]) -> list[str]:
    """A heading with what stands under it; nothing where nothing does."""
    return ["", title.upper(), *lines] if lines else []
