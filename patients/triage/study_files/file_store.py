"""The bytes of attached files: outside the web root, for the owner's eyes only."""

import os
import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings


def folder(clinic_id: UUID) -> Path:
    return Path(settings.DATA_DIR) / "attachments" / str(clinic_id)


def write(clinic_id: UUID, file_id: UUID, content: bytes) -> None:
    """Whole or not at all: written beside, flushed to the disk, then renamed."""
    place = folder(clinic_id)
    for level in (place.parent, place):
        level.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp gives a file that its owner alone may read.
    descriptor, draft = tempfile.mkstemp(dir=place, prefix=".", suffix=".part")
    try:
        with open(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(descriptor)
        Path(draft).rename(place / str(file_id))
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _flush(place)


def read(clinic_id: UUID, file_id: UUID) -> bytes | None:
    try:
        return (folder(clinic_id) / str(file_id)).read_bytes()
    except FileNotFoundError:
        return None


def remove(clinic_id: UUID, file_id: UUID) -> None:
    (folder(clinic_id) / str(file_id)).unlink(missing_ok=True)


def _flush(place: Path) -> None:
    """The new name itself survives a power cut only once its folder is flushed."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
