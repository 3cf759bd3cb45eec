"""CSV as spreadsheets read and write it."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

_CSV = "text/csv; charset=utf-8"
# Also full-width: some spreadsheets read those as the signs they resemble.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


def inert(text: str) -> str:
    """Text that a spreadsheet will not take for a formula, also where it trims it."""
    is_formula = text.startswith(_STARTS_A_FORMULA)
    return f"'{text}" if is_formula or _after_space(text) else text


def _after_space(text: str) -> bool:
    bare = text.lstrip()
    return bare != text and bare.startswith(_STARTS_A_FORMULA)


def plain(text: str) -> str:
    """A cell without the marks by which a spreadsheet, or `inert`, keeps it a text."""
    text = text.strip()
    if text.startswith("'") and inert(text[1:]) == text:
        return text[1:]
    if text.startswith('="') and text.endswith('"') and text.count('"') == 2:
        return text[2:-1].strip()
    return text


Rows = Iterable[Sequence[object]]


def download(name: str, header: Sequence[str], rows: Rows) -> HttpResponse:
    """A CSV file whose every cell is a text and no formula."""
    return _named(HttpResponse("".join(lines(header, rows)), content_type=_CSV), name)


def stream(name: str, header: Sequence[str], rows: Rows) -> StreamingHttpResponse:
    """The same sent as it is made, for rows that are too many to hold at once."""
    response = StreamingHttpResponse(lines(header, rows), content_type=_CSV)
    return _named(response, name)


def lines(header: Sequence[str], rows: Rows) -> Iterator[str]:
    # Without the mark, Excel takes the file for its own encoding.
    yield "\ufeff"
    writer = csv.writer(_Passed())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow("" if cell is None else inert(str(cell)) for cell in row)


class _Passed:
    """What the writer writes comes back from it."""

    def write(self, line: str) -> str:
        return line


def _named(response: AnyResponse, name: str) -> AnyResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
