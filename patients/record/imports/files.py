"""Where an uploaded file lies until it has gone in: for the owner's eyes only."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from patients.models import PatientImport

KEPT_FOR = timedelta(days=7)


def folder() -> Path:
    found = Path(settings.DATA_DIR) / "imports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    found.chmod(0o700)
    return found


def path_of(run: PatientImport) -> Path:
    return folder() / str(run.pk)


def keep(upload: Path, run: PatientImport) -> None:
    """Take over a file that lies in our folder already."""
    upload.chmod(0o600)
    upload.replace(path_of(run))


def discard(run: PatientImport) -> None:
    path_of(run).unlink(missing_ok=True)


def sweep(now: datetime) -> None:
    """Throw away what a killed process or a lost row has left behind."""
    oldest = (now - KEPT_FOR).timestamp()
    for left in folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if left.stat().st_mtime < oldest:
                left.unlink()


@contextlib.contextmanager
def copy_of(path: Path) -> Iterator[Path]:
    """A copy in our folder, for one who works on a file of their own."""
    with (
        path.open("rb") as original,
        tempfile.NamedTemporaryFile(dir=folder(), prefix="copy-", delete=False) as copy,
    ):
        shutil.copyfileobj(original, copy)
    try:
        yield Path(copy.name)
    finally:
        # A run may have taken it over.
        Path(copy.name).unlink(missing_ok=True)
