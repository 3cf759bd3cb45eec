"""Where it hurts, for a diagnosis that comes without a complaint.

Read from what the code's own title names. It says nothing about where a pain comes
from: a code of the lumbar spine goes with low back pain, never with a foot's.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from patients.catalogue import icd10, places

DATA = Path(__file__).parent / "data" / "condition_sites.csv"
COLUMNS = ("code_prefix", "region", "pain_site", "also_fits")


@dataclass(frozen=True, slots=True)
class Place:
    """The site that a new complaint gets, and all that an open one may have."""

    pain_site: str
    fits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    by_prefix: dict[str, Place]
    by_region: dict[str, Place]


def place_of(code: icd10.Code) -> Place | None:
    """By the longest beginning of the code, else by its region."""
    return place_by_beginning(code.code) or _table().by_region.get(code.region)


def place_by_beginning(code: str) -> Place | None:
    """All that can be said of a code that our list lacks."""
    by_prefix = _table().by_prefix
    beginnings = (code[:length] for length in range(len(code), 0, -1))
    return next((by_prefix[b] for b in beginnings if b in by_prefix), None)


@functools.cache
def _table() -> _Table:
    return read(DATA)


def read(path: Path) -> _Table:
    table = _Table({}, {})
    for row in reference_data.read_csv(path, COLUMNS):
        if row.has("code_prefix") == row.has("region"):
            raise row.error("code_prefix", "give either a code_prefix or a region.")
        place = _place(row)
        if row.has("region"):
            table.by_region[row.unique_text("region", table.by_region)] = place
        else:
            table.by_prefix[row.unique_text("code_prefix", table.by_prefix)] = place
    return table


def _place(row: reference_data.Entry) -> Place:
    sites = places.body_sites()
    pain_site = row.choice("pain_site", sites)
    also = row.optional_text("also_fits").split()
    for site in also:
        if site not in sites or sites[site].has_side != sites[pain_site].has_side:
            raise row.error(
                "also_fits",
                f"{site!r} is no body site that has sides as {pain_site} has.",
            )
    return Place(pain_site, (pain_site, *also))
