"""CSV as spreadsheets read and write it."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def plain(text: str) -> str:
    """A cell without the marks by which a spreadsheet, or `inert`, keeps it a text."""
    text = text.strip()
    if text.startswith("'") and text[1:].startswith(_STARTS_A_FORMULA):
        return text[1:]
    if text.startswith('="') and text.endswith('"') and text.count('"') == 2:
        return text[2:-1].strip()
    return text
