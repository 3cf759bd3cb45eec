"""CSV as spreadsheets read and write it."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

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


def download(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A CSV file whose every cell is a text and no formula."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # Without the mark, Excel takes the file for its own encoding.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(header)
    for row in rows:
        writer.writerow("" if cell is None else inert(str(cell)) for cell in row)
    return response
