"""CSV by RFC 4180, of texts that no spreadsheet takes for a formula. Pure."""

from collections.abc import Iterable, Sequence

from clinic import spreadsheets

END = "\r\n"
_ASKS_FOR_QUOTES = frozenset('",\r\n')


def cell(text: str) -> str:
    kept = spreadsheets.inert(text)
    if _ASKS_FOR_QUOTES.isdisjoint(kept):
        return kept
    return '"' + kept.replace('"', '""') + '"'


def joined(cells: Iterable[str]) -> str:
    """Cells that are ready, without the line's end."""
    return ",".join(cells)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole file, with the mark by which Excel knows it for UTF-8."""
    return "".join(spreadsheets.lines(header, rows))
