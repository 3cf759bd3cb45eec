"""Time zones as a person looks for theirs: the country's own first."""

import functools
import zoneinfo

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
