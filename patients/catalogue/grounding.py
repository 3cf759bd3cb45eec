"""How well a fact of the catalogue is grounded: its mark, and what was read for it."""

import re
from collections.abc import Collection

from clinic.reference_data import Entry

MARKS = ("verified", "mixed", "recalled", "proposal")
SOURCED = ("verified", "mixed")


def read(row: Entry, citations: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Status and source keys of a row; what follows the mark says where it holds."""
    status = row.text("status")
    mark = re.split(r"[ ;]", status)[0]
    if mark not in MARKS:
        raise row.error("status", f"must begin with one of {', '.join(MARKS)}.")
    sources = tuple(filter(None, row.optional_text("sources").split(";")))
    for key in sources:
        if key not in citations:
            raise row.error("sources", f"{key!r} is not a key of sources.csv.")
    if mark in SOURCED and not sources:
        raise row.error("sources", f"what is {mark} must name the source.")
    return status, sources
