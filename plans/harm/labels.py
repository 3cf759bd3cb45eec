"""How what stands on a label is compared: by what it says, not by how it was typed."""

import unicodedata


def key_of(text: str) -> str:
    """Without case, spare spaces and signs that nobody sees; empty for nothing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = (char for char in folded if unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())
