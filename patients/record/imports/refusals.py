"""Why a file, or a row of it, does not go in: where, and what to do about it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, transaction

_LONGEST_SHOWN = 40
# What verbs name as a whole, by the field of a list that begins it.
_FIELDS = {
    "__all__": "",
    "caregiver": "caregiver_name",
    "referrer": "referrer_name",
    "primary_care": "primary_care_name",
}


class ImportFileError(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a row; the field is empty where it is about all of it."""

    field: str
    problem: str
    # Somebody who is here already and is named in it.
    patient: UUID | None = None

    def as_json(self) -> dict[str, str]:
        found = {"field": self.field, "problem": self.problem}
        return found | ({"patient": str(self.patient)} if self.patient else {})


class RefusedRowError(ValueError):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(found.problem for found in self.problems))


def refuse(field: str, problem: str, *, names: UUID | None = None) -> RefusedRowError:
    return RefusedRowError([Problem(field, problem, names)])


def problems_of(error: ValidationError) -> list[Problem]:
    """What a verb refused, field by field."""
    if not hasattr(error, "error_dict"):
        return [Problem("", text) for text in error.messages]
    return [
        Problem(_FIELDS.get(field, field), text)
        for field, texts in error.message_dict.items()
        for text in texts
    ]


@contextmanager
def undone_if_refused() -> Iterator[None]:
    """A savepoint for the verbs of one row; what they refuse becomes its refusal."""
    try:
        with transaction.atomic():
            yield
    except ValidationError as error:
        raise RefusedRowError(problems_of(error)) from error
    except OperationalError:
        # The database is locked, full or gone: the next row would fare no better.
        raise
    except DatabaseError as error:
        # Its text may repeat what stands in the row.
        raise refuse("", "The database could not take this row.") from error


def shown(text: str) -> str:
    """A cell for a message: quoted, on one line, and not longer than needed."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
    return f"“{' '.join(short.split())}”"
