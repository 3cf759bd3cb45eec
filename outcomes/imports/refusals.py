"""Why a row, or a value in it, did not go in."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    COLUMNS = "wrong number of columns"
    CONTROL = "unreadable character"
    NO_PERSON = "person missing"
    PERSON = "person not usable"
    NAME = "name not usable"
    NO_TREATMENT = "treatment missing"
    TREATMENT = "unknown treatment"
    NO_TIME = "time missing"
    TIME = "unknown time"
    FUTURE = "time has not come yet"
    NUMBER = "not a number"
    RANGE = "outside its range"
    SEX = "unknown sex code"
    DATE = "not a date"
    SITE = "pain site or side"
    DUPLICATE = "same person and time twice"
    CONTRADICTION = "a person's rows contradict each other"
    EARLIER = "contradicts an earlier import"
    REGISTERED = "MRN of a patient registered here"
    DATABASE = "the database refused the person"
    # The only one that refuses a value and not a row.
    DIFFERS = "differs, kept as it was"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`row` is the number a spreadsheet shows; the header is row 1."""

    row: int
    reason: Reason
    detail: str


class RefusedRow(ValueError):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def at(self, row: int) -> Refusal:
        return Refusal(row, self.reason, self.detail)
