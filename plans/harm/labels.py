"""How what stands on a label is read: by what it says, not by how it was typed."""

import unicodedata
from datetime import date


def key_of(text: str) -> str:
    """Without case, spare spaces and signs that nobody sees; empty for nothing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = (char for char in folded if unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())


def was_expired(expires_on: date | None, used_on: date | None) -> bool:
    """On the day that the label names it may still be used."""
    return expires_on is not None and used_on is not None and expires_on < used_on
