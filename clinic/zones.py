"""Time zones as a person looks for theirs: the country's own first."""

import functools
import zoneinfo
from importlib import resources
from pathlib import Path

UNITED_STATES = (
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Puerto Rico"),
)
# Names kept for old software; whoever has one keeps it.
_OLD_FOLDERS = ("Etc/", "US/", "SystemV/", "posix/", "right/")


@functools.cache
def known() -> frozenset[str]:
    """Every IANA name; asked anew, the file system is walked for each."""
    return frozenset(zoneinfo.available_timezones())


@functools.cache
def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: the United States, then every place of the IANA list."""
    places = sorted(
        name for name in known() if "/" in name and not name.startswith(_OLD_FOLDERS)
    )
    return [
        ("United States", list(UNITED_STATES)),
        ("All places", [(name, name.replace("_", " ")) for name in places]),
    ]


@functools.cache
def countries() -> dict[str, str]:
    """The country of each place, by ISO 3166 code; empty where no table is installed.

    The table comes with the zones themselves: from the system, else from the package
    that brings them where the system has none.
    """
    for folder in zoneinfo.TZPATH:
        table = Path(folder, "zone.tab")
        if table.is_file():
            return _countries(table.read_text(encoding="utf-8"))
    try:
        packaged = resources.files("tzdata").joinpath("zoneinfo", "zone.tab")
        return _countries(packaged.read_text(encoding="utf-8"))
    except (ModuleNotFoundError, FileNotFoundError):
        return {}


def _countries(table: str) -> dict[str, str]:
    rows = (line.split("\t") for line in table.splitlines() if line[:1] != "#")
    return {row[2]: row[0] for row in rows if len(row) > 2}


def country_of(zone: str) -> str:
    """The country whose clocks a zone shows; the United States where nobody knows."""
    return countries().get(zone, "US")
