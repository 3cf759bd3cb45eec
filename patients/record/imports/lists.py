"""A CSV list as a source of persons."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from clinic.models import Clinic
from patients.record.imports import person, table
from patients.record.imports.mapping import Mapping, RowReader
from patients.record.imports.refusals import RefusedRowError, refuse
from patients.record.imports.steps import Step


class Seen:
    """The MRNs of a file and where each stood first."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}

    def first(self, mrn: str, number: int) -> int:
        return self._first.setdefault(mrn.casefold(), number) if mrn else number


class ListSource:
    def __init__(
        self, path: Path, mapping: Mapping, *, clinic: Clinic, by: person.By
    ) -> None:
        self._path = path
        self._mapping = mapping
        self._clinic = clinic
        self._by = by

    def steps(self, skip: int) -> Iterator[Step]:
        seen = Seen()
        with table.opened(self._path) as lines:
            reader = RowReader(self._mapping, lines.header)
            for place, (number, cells) in enumerate(lines.rows()):
                first = seen.first(reader.cell(cells, "mrn"), number)
                if place >= skip:
                    take = partial(self.take, reader, number, cells, first)
                    yield Step(number, take, cells=tuple(cells))

    def take(
        self, reader: RowReader, number: int, cells: Sequence[str], first: int
    ) -> str:
        return self.taken(reader, number, cells, first).outcome

    def taken(
        self, reader: RowReader, number: int, cells: Sequence[str], first: int
    ) -> person.Taken:
        given, problems = reader.read(cells)
        if problems:
            raise RefusedRowError(problems)
        if first != number:
            raise refuse(
                "mrn",
                f"MRN {given['mrn']} stands in row {first} already; that row counts. "
                "Keep one of the two.",
            )
        return person.take(self._clinic, given, by=self._by, mapping=self._mapping)
