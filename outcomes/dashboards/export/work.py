"""Works an export off, some courses at a time; safe against a kill.

Nothing is locked while it is read and written: rows that are counted anew meanwhile
stand in the file as they were or as they are, each course as a whole.
"""

import logging
import math
import time
from typing import BinaryIO
from uuid import UUID

from django.db import OperationalError, transaction

from clinic import clock, pieces
from outcomes.dashboards.export import asked, files, packing, reading, rows, runs
from outcomes.dashboards.export import small_cells as cells
from outcomes.dashboards.export.small_cells import Combination, Tally
from outcomes.models import Measure, OutcomeExport

logger = logging.getLogger(__name__)

State = OutcomeExport.State
_MARK = "\ufeff"


def work_off(run_id: UUID, *, seconds: float = math.inf) -> bool:
    """For so long, then let others have their turn; whether there is more to do."""
    run = _claim(run_id)
    if run is None:
        return False
    try:
        return _Piece(run).work(time.monotonic() + seconds)
    except (pieces.LostClaimError, files.BusyError):
        return False
    except OperationalError:
        # The tick rings again once the claim is over.
        raise
    except FileNotFoundError:
        _fail(
            run,
            "What was written is not here. Where web and workers run on several "
            "machines, they must share the folder “exports” of MENDLINE_DATA.",
        )
    except Exception as error:
        # Its text can hold what stands in a row.
        logger.error("export %s: %s", run_id, type(error).__name__)
        _fail(run, f"An error of the program ended it ({type(error).__name__}).")
    return False


def _claim(run_id: UUID) -> OutcomeExport | None:
    found = OutcomeExport.objects.select_related("clinic", "started_by")
    return pieces.claim(found, run_id, runs.LEASE)


class _Piece:
    """One turn at a run: what it needs is read once."""

    def __init__(self, run: OutcomeExport) -> None:
        self.run = run
        self.chosen = asked.of_json(run.choices)
        self.key = bytes.fromhex(run.key)
        self.measures: list[Measure] = reading.measures(run.clinic, self.chosen)
        courses = reading.courses(run.clinic, self.chosen)
        self.people: dict[Combination, int] = reading.people(courses)
        self.left = reading.in_order(courses, self.key, run.last_course)
        self.tally = Tally(run.small_cells)
        self.writer = rows.Writer(
            self.key,
            {measure.pk: measure.key for measure in self.measures},
            (cells.tellable if run.is_suppressed else cells.large)(self.people),
            suppresses=run.is_suppressed,
        )

    def work(self, until: float) -> bool:
        with files.opened(self.run) as file:
            if not self.run.written:
                file.write((_MARK + rows.HEADER).encode())
            for start in range(0, len(self.left), reading.COURSES_AT_ONCE):
                self._take(file, self.left[start : start + reading.COURSES_AT_ONCE])
                if time.monotonic() >= until:
                    return pieces.pause(
                        OutcomeExport.objects.all(), self.run.pk, runs.LEASE
                    )
            self._finish()
        return False

    def _take(self, file: BinaryIO, some: list[tuple[str, UUID]]) -> None:
        """Write some courses, and say so once they are on the disk."""
        run = self.run
        ids = [pk for _, pk in some]
        found = reading.described(run.clinic, self.chosen, ids)
        done, count, last = run.done, 0, some[-1][0]
        for course, facts, points in found:
            written = self.writer.written(course, facts, points)
            file.write("".join(written.lines).encode())
            count += len(written.lines)
            if written.is_small:
                self.tally.add(course.combination, written.rows)
        file.flush()
        self._keep(
            done,
            done=done + len(some),
            rows=run.rows + count,
            last_course=last,
            written=file.tell(),
            small_cells=self.tally.as_json(),
        )

    def _keep(self, after: int, **progress: object) -> None:
        all_runs = OutcomeExport.objects.all()
        pieces.hold(all_runs, self.run.pk, after, runs.LEASE, **progress)
        for name, value in progress.items():
            setattr(self.run, name, value)

    def _finish(self) -> None:
        self._keep(self.run.done)
        size = packing.pack(self.run, self.measures, self.tally, self.people)
        _end(self.run, size)
        files.rows_of(self.run).unlink(missing_ok=True)


@transaction.atomic
def _end(run: OutcomeExport, size: int) -> None:
    now = clock.now()
    runs.move(
        run,
        to=State.FINISHED,
        size=size,
        total=run.done,
        finished_at=now,
        next_action_at=now + files.KEPT_FOR,
    )
    runs.note(run, "exported", by=run.started_by)


@transaction.atomic
def _fail(run: OutcomeExport, why: str) -> None:
    now = clock.now()
    runs.move(run, to=State.FAILED, error=why, finished_at=now, next_action_at=None)
    runs.note(run, "export_failed", by=run.started_by)
    files.discard(run)
