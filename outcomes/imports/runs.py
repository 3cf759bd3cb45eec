"""One import of a file into a clinic: read it all, then add person by person."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.db import DatabaseError, OperationalError, transaction

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.imports import known, measures, people, source, store
from outcomes.imports.mapping import Mapping
from outcomes.imports.people import Person
from outcomes.imports.records import Changes, Recorder
from outcomes.imports.refusals import Reason, RefusedRow
from outcomes.imports.rows import RowReader
from outcomes.imports.spool import Spool
from outcomes.imports.summary import FIRST_SHOWN, Summary
from outcomes.models import Measure

PERSONS_AT_ONCE = 200
_LINES_BETWEEN_LOOKS = 2000
# From here on the planner's statistics would mislead the next page that is opened.
_ANALYZE_FROM = 10_000

T = TypeVar("T")


class Watch(Protocol):
    """Told how far an import is."""

    def stage(self, name: str, total: int) -> None: ...

    def at(self, done: int) -> None: ...


class Run:
    """ReferenceDataError for a fault of the file or the mapping: nothing is written.

    Safe to run again after any end: what is in stays as it is, the rest is added.
    """

    def __init__(
        self,
        path: Path,
        mapping: Mapping,
        *,
        clinic: Clinic,
        by: audit.By,
        spool: Spool,
        is_dry: bool = False,
    ) -> None:
        self.path = path
        self.mapping = mapping
        self.clinic = clinic
        self.by = by
        self.spool = spool
        self.summary = Summary(is_dry=is_dry, file_sha256=source.fingerprint(path))

    def run(self, watch: Watch) -> Summary:
        named = measures.named_by(self.mapping, self.clinic)
        self._read(watch)
        if self.summary.is_dry:
            self._take_all(named, watch)
            self._conclude()
            return self.summary
        self._begin(named)
        try:
            self._take_all(named, watch)
        finally:
            self._conclude()
            audit.record(
                by=self.by,
                action="outcomes.imported",
                about=self.clinic,
                **self._facts(),
            )
        return self.summary

    def _read(self, watch: Watch) -> None:
        today = clock.today(self.clinic.zone)
        with source.opened(self.path, self.mapping) as lines:
            reader = RowReader(self.mapping, lines.header, today)
            watch.stage("Reading", self.path.stat().st_size)
            for number, line in lines:
                self.summary.counts.rows_read += 1
                try:
                    self.spool.add(reader.read(number, line))
                except RefusedRow as refused:
                    self.spool.refuse(refused.at(number))
                if not self.summary.counts.rows_read % _LINES_BETWEEN_LOOKS:
                    watch.at(lines.bytes_read)
            watch.at(lines.bytes_read)

    @transaction.atomic
    def _begin(self, named: list[Measure]) -> None:
        """The measures, and that it began: a run that is killed leaves a trace too."""
        Measure.objects.bulk_create(m for m in named if m._state.adding)
        audit.record(
            by=self.by,
            action="outcomes.import_started",
            about=self.clinic,
            file_sha256=self.summary.file_sha256,
        )

    def _take_all(self, named: list[Measure], watch: Watch) -> None:
        recorder = Recorder(self.clinic, self.mapping, named, clock.now())
        rows, done = self.summary.counts.rows_read, 0
        watch.stage("Checking" if self.summary.is_dry else "Importing", rows)
        persons = people.gather(self.spool.rows(), self.spool.refuse)
        for batch in batched(persons, PERSONS_AT_ONCE):
            self._take(recorder, batch)
            done += sum(len(person.rows) for person in batch)
            watch.at(done)
        watch.at(rows)
        if not self.summary.is_dry and self.summary.counts.scores >= _ANALYZE_FROM:
            store.analyze()

    def _take(self, recorder: Recorder, batch: list[Person]) -> None:
        try:
            changes = self._written(recorder, batch)
        except OperationalError:
            # The database is locked, full or gone; trying one by one would not help.
            raise
        except DatabaseError:
            self._take_one_by_one(recorder, batch)
        else:
            self._count(changes)

    @transaction.atomic
    def _written(self, recorder: Recorder, batch: list[Person]) -> Changes:
        mrns = [recorder.mrn(person) for person in batch]
        changes = recorder.changes(batch, known.look_up(self.clinic, mrns))
        if not self.summary.is_dry:
            store.write(changes)
        return changes

    def _take_one_by_one(self, recorder: Recorder, batch: list[Person]) -> None:
        taken = []
        with transaction.atomic():
            for person in batch:
                try:
                    taken.append(self._written(recorder, [person]))
                except OperationalError:
                    raise
                except DatabaseError as error:
                    self._refuse(person, error)
        for changes in taken:
            self._count(changes)

    def _refuse(self, person: Person, error: DatabaseError) -> None:
        # Only the first line: the next may repeat what is in the row.
        said = str(error).partition("\n")[0]
        self.summary.counts.persons_refused += 1
        for refusal in person.refused(Reason.DATABASE, f"the database said: {said}"):
            self.spool.refuse(refusal)

    def _count(self, changes: Changes) -> None:
        self.summary.counts.add(changes)
        for refusal in changes.refusals:
            self.spool.refuse(refusal)

    def _conclude(self) -> None:
        self.summary.reasons = self.spool.counts()
        self.summary.first = list(self.spool.refusals(FIRST_SHOWN))
        counts = self.summary.counts
        self.summary.is_complete = (
            counts.rows_taken + self.summary.rows_refused == counts.rows_read
        )

    def _facts(self) -> dict[str, Any]:
        return {
            "file_sha256": self.summary.file_sha256,
            "is_complete": self.summary.is_complete,
            "rows_refused": self.summary.rows_refused,
            **self.summary.counts.as_facts(),
        }


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while batch := list(itertools.islice(rest, size)):
        yield batch
