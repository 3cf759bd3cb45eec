"""What needs a person: the rows of the list, and what the pages beside it read too."""

from outcomes.follow_ups.worklist.filters import Filter, of_person
from outcomes.follow_ups.worklist.listing import counts, line, page_rows, rows
from outcomes.follow_ups.worklist.procedures import ToConfirm, to_confirm

__all__ = [
    "Filter",
    "ToConfirm",
    "counts",
    "line",
    "of_person",
    "page_rows",
    "rows",
    "to_confirm",
]
