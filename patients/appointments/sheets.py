"""A schedule that somebody handed in: as text, and where it lies until it is taken in.

A day's schedule is small, so it is read as a whole.
"""

import codecs
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from clinic.models import Clinic
from clinic.models.base import uuid7
from patients.appointments import mapping
from patients.appointments.mapping import Mapping
from patients.record.imports import content, files
from patients.record.imports.refusals import ImportFileError
from patients.record.imports.table import Table

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 5000
TOO_LARGE = (
    f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. A schedule is a few "
    "days of appointments; export fewer."
)
IS_FHIR = (
    "This is JSON. FHIR appointments are taken in with the command "
    "import_appointments; here hand in a CSV list."
)
# What Excel on Windows saves where it is not told otherwise.
_OTHER_ENCODING = "cp1252"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are numbered as a spreadsheet numbers them."""

    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]

    @property
    def cells(self) -> list[Sequence[str]]:
        return [cells for _, cells in self.rows]


def read(raw: bytes) -> Sheet:
    """Raises ImportFileError saying what to do."""
    if len(raw) > MOST_BYTES:
        raise ImportFileError(TOO_LARGE)
    content.refuse_other_kinds(raw)
    text = decoded(raw)
    if not text.strip():
        raise ImportFileError("The file is empty.")
    if is_json(text):
        raise ImportFileError(IS_FHIR)
    table = Table(io.StringIO(text, newline=""))
    rows = list(table.rows())
    if not rows:
        raise ImportFileError(
            "The list has a first row with names and no appointments."
        )
    if len(rows) > MOST_ROWS:
        raise ImportFileError(
            f"The list has {len(rows):,} rows; up to {MOST_ROWS:,} are taken at once. "
            "Export fewer days."
        )
    return Sheet(table.header, rows)


def is_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "["))


def decoded(raw: bytes) -> str:
    """UTF-8, with a byte order mark or without; else as Windows writes it."""
    zero = raw.find(b"\0")
    if zero >= 0:
        raise content.no_text(raw.count(b"\n", 0, zero) + 1)
    bare = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return bare.decode()
    except UnicodeDecodeError:
        pass
    try:
        return bare.decode(_OTHER_ENCODING)
    except UnicodeDecodeError:
        raise ImportFileError(
            "The file is neither UTF-8 nor as Windows saves it. In Excel choose Save "
            "as, “CSV UTF-8 (comma delimited)”."
        ) from None


def guess(sheet: Sheet, clinic: Clinic, *, today: date) -> Mapping:
    """As the clinic's last schedule with the same columns was read, else by names."""
    found = mapping.guess(sheet.header, sheet.cells, today=today)
    held = remembered(clinic)
    if held is None or not {*held.columns.values()} <= {*sheet.header}:
        return found
    return held


def keep(clinic: Clinic, raw: bytes) -> UUID:
    """Under a name of its own; the tick throws away what nobody took in."""
    file_id = uuid7()
    path = path_of(clinic, file_id)
    path.touch(mode=0o600)
    path.write_bytes(raw)
    return file_id


def kept(clinic: Clinic, file_id: UUID) -> bytes | None:
    try:
        return path_of(clinic, file_id).read_bytes()
    except FileNotFoundError:
        return None


def discard(clinic: Clinic, file_id: UUID) -> None:
    path_of(clinic, file_id).unlink(missing_ok=True)


def path_of(clinic: Clinic, file_id: UUID) -> Path:
    return files.folder() / f"schedule-{clinic.pk.hex}-{file_id.hex}"


def remember(clinic: Clinic, chosen: Mapping) -> None:
    """For tomorrow's schedule; names of columns and meanings of words alone."""
    path = _memory_of(clinic)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps(chosen.as_json()), encoding="utf-8")


def remembered(clinic: Clinic) -> Mapping | None:
    try:
        return Mapping.from_json(
            json.loads(_memory_of(clinic).read_text(encoding="utf-8"))
        )
    except (OSError, ValueError, TypeError):
        return None


def _memory_of(clinic: Clinic) -> Path:
    return Path(settings.DATA_DIR) / "schedules" / f"{clinic.pk.hex}.json"
