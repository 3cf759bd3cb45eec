"""How what stands on a label is read: by what it says, not by how it was typed."""

import unicodedata
from datetime import date

MINUS = "\u2212"


def key_of(text: str) -> str:
    """Without case, spare spaces and signs that nobody sees; empty for nothing.

    A dash is a dash, whichever of them the keyboard or the notice has.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = (_read(char) for char in folded if unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())


def _read(char: str) -> str:
    is_dash = char == MINUS or unicodedata.category(char) == "Pd"
    return "-" if is_dash else char


def was_expired(expires_on: date | None, used_on: date | None) -> bool:
    """On the day that the label names it may still be used."""
    return expires_on is not None and used_on is not None and expires_on < used_on
