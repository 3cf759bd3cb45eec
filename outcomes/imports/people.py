"""From rows to persons: what a person's rows must agree on, and what may differ."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from outcomes.imports.refusals import Reason, Refusal
from outcomes.imports.rows import Row

# Ages and answers differ from time to time; these cannot.
AGREEING = (
    "treatment",
    "start",
    "sex",
    "birth_date",
    "given_name",
    "family_name",
    "pain_site",
    "side",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Everything the file says of one person; rows by their time point's place."""

    id: str
    treatment: str
    start: date
    sex: str
    age: int | None
    birth_date: date | None
    given_name: str
    family_name: str
    pain_site: str
    side: str
    rows: Mapping[int, Row]

    def refused(self, reason: Reason, detail: str) -> list[Refusal]:
        return [Refusal(row.number, reason, detail) for row in self.rows.values()]


def gather(rows: Iterable[Row], refuse: Callable[[Refusal], None]) -> Iterator[Person]:
    """Persons whose rows agree; rows must come person by person, in time order."""
    for _, own in itertools.groupby(rows, key=lambda row: row.person):
        kept = _once_a_time(own, refuse)
        fault = _contradiction(list(kept.values()))
        if fault:
            for row in kept.values():
                refuse(Refusal(row.number, Reason.CONTRADICTION, fault))
        else:
            yield _person(kept)


def _once_a_time(
    rows: Iterable[Row], refuse: Callable[[Refusal], None]
) -> dict[int, Row]:
    kept: dict[int, Row] = {}
    for row in rows:
        first = kept.setdefault(row.point, row)
        if first is not row:
            refuse(
                Refusal(
                    row.number,
                    Reason.DUPLICATE,
                    f"the person and time of row {first.number} again; "
                    f"row {first.number} was taken",
                )
            )
    return kept


def _contradiction(rows: list[Row]) -> str:
    for what in AGREEING:
        said = [(getattr(row, what), row.number) for row in rows if getattr(row, what)]
        for value, number in said[1:]:
            if value != said[0][0]:
                return (
                    f"{what.replace('_', ' ')} differs between rows {said[0][1]} and "
                    f"{number} of one person; none of the person's rows went in"
                )
    return ""


def _person(rows: dict[int, Row]) -> Person:
    held = list(rows.values())

    def said(what: str) -> str:
        return next((getattr(row, what) for row in held if getattr(row, what)), "")

    birth_date = said("birth_date")
    return Person(
        id=held[0].person,
        treatment=said("treatment"),
        start=date.fromisoformat(said("start")),
        sex=said("sex"),
        age=next((row.age for row in held if row.age is not None), None),
        birth_date=date.fromisoformat(birth_date) if birth_date else None,
        given_name=said("given_name"),
        family_name=said("family_name"),
        pain_site=said("pain_site"),
        side=said("side"),
        rows=rows,
    )
