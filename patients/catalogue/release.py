"""Which edition of the clinical content this is; evaluations are pinned to it.

`python -m patients.catalogue.release` prints the fingerprint for release.toml.
"""

import functools
import hashlib
import sys
from datetime import date
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"
FILE = DATA / "release.toml"


@functools.cache
def version() -> str:
    """Such as "2026.11"; a change of any data file makes a new one."""
    return read()[0]


@functools.cache
def read() -> tuple[str, date, str]:
    """Version, the day it was made, and the fingerprint of its files."""
    entry = reference_data.read_toml(FILE)
    found = entry.text("version"), entry.day("made_on"), entry.text("fingerprint")
    entry.optional_text("changes")
    entry.finish()
    return found


def fingerprint() -> str:
    """SHA-256 over names and contents of all data files but the release's own."""
    digest = hashlib.sha256()
    for path in sorted(DATA.iterdir()):
        if path != FILE:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(f"{fingerprint()}\n")
