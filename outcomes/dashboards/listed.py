"""A page of the rows behind a number; how many there are in all, the number says."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

PAGE_SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    rows: list[Row]
    number: int
    has_more: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_part(self) -> bool:
        return self.number > 1 or self.has_more


def listed(found: QuerySet[Any], number: int | None) -> Listed[Any]:
    """That page, the first where none is asked for; one query."""
    number = number or 1
    start = (number - 1) * PAGE_SIZE
    rows = list(found[start : start + PAGE_SIZE + 1])
    return Listed(rows[:PAGE_SIZE], number, len(rows) > PAGE_SIZE)
