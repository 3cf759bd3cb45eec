"""What needs a person: the rows of the list, and what the pages beside it read too."""

from outcomes.follow_ups.worklist.filters import Filter, of_person
from outcomes.follow_ups.worklist.listing import (
    Line,
    counts,
    found,
    line,
    lines,
    page,
    page_rows,
    rows,
)
from outcomes.follow_ups.worklist.procedures import ToConfirm, to_confirm

__all__ = [
    "Filter",
    "Line",
    "ToConfirm",
    "counts",
    "found",
    "line",
    "lines",
    "of_person",
    "page",
    "page_rows",
    "rows",
    "to_confirm",
]
