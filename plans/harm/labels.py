"""What stands on a kit or bottle, as it is searched by."""


def key_of(text: str) -> str:
    """Without case, spaces at the ends, or more than one between words."""
    return " ".join(text.split()).casefold()
