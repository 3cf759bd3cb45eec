"""Where exports lie until they are thrown away: for the owner's eyes only."""

import contextlib
import fcntl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from outcomes.models import OutcomeExport

KEPT_FOR = timedelta(days=7)


class BusyError(Exception):
    """Another process writes this file at this moment."""


def folder() -> Path:
    found = Path(settings.DATA_DIR) / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    found.chmod(0o700)
    return found


def path_of(run: OutcomeExport) -> Path:
    """The finished archive."""
    return folder() / f"{run.pk}.zip"


def rows_of(run: OutcomeExport) -> Path:
    """The rows, while they are written."""
    return folder() / f"{run.pk}.csv"


def packing_of(run: OutcomeExport) -> Path:
    """The archive, while it is packed."""
    return folder() / f"{run.pk}.part"


@contextlib.contextmanager
def opened(run: OutcomeExport) -> Iterator[BinaryIO]:
    """The rows so far, to go on after what is sure; BusyError where somebody does."""
    path = rows_of(run)
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError from error
        if file.seek(0, 2) < run.written:
            raise FileNotFoundError(path)
        file.seek(run.written)
        file.truncate()
        yield file


def discard(run: OutcomeExport) -> None:
    for path in (path_of(run), rows_of(run), packing_of(run)):
        path.unlink(missing_ok=True)


def sweep(now: datetime) -> None:
    """Throw away what a killed process or a lost row has left behind."""
    oldest = (now - 2 * KEPT_FOR).timestamp()
    for left in folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if left.stat().st_mtime < oldest:
                left.unlink()
