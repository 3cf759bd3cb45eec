"""Runs the import command as a person at a terminal does."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

from clinic.models import Clinic

HERE = Path(__file__).parent
MADE_UP_CSV = HERE / "made_up.csv"
MADE_UP = HERE / "made_up.toml"


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    text: str


def import_file(
    clinic: Clinic, csv: Path = MADE_UP_CSV, mapping: Path = MADE_UP, *options: str
) -> Result:
    """The exit code, and what stood on the terminal."""
    out = StringIO()
    arguments = [str(csv), "--mapping", str(mapping), "--clinic", clinic.slug]
    try:
        call_command("import_outcomes", *arguments, *options, stdout=out, stderr=out)
    except SystemExit as ended:
        return Result(int(str(ended.code)), out.getvalue())
    except CommandError as error:
        return Result(error.returncode, str(error))
    return Result(0, out.getvalue())


def changed(source: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of a file with texts replaced; each must stand in it."""
    text = source.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    copy = folder / source.name
    copy.write_text(text, encoding="utf-8")
    return copy
