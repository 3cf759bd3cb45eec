"""How long each step of a study may take, by its priority and a running weakness.

The numbers are proposals of this project, each with its reason in the data file.
"""

import functools
from collections.abc import Collection, Mapping
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"
COLUMNS = ("clock", "step", "days", "source", "why")
PRIORITIES = ("routine", "urgent", "same_day")
DEFICITS = ("cauda_equina", "foot_drop", "weakness")
STEPS = ("book", "done", "report", "review")
PROPOSAL = "proposal"


def days(clock: str, step: str) -> int:
    return deadlines()[clock, step]


@functools.cache
def deadlines() -> Mapping[tuple[str, str], int]:
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read(DATA / "study_deadlines.csv", citations)


def read(path: Path, citations: Collection[str]) -> dict[tuple[str, str], int]:
    clocks = (*PRIORITIES, *DEFICITS)
    found: dict[tuple[str, str], int] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        place = (row.choice("clock", clocks), row.choice("step", STEPS))
        if place in found:
            raise row.error("step", f"{place[0]}, {place[1]} stands twice.")
        row.choice("source", [PROPOSAL, *citations])
        row.text("why")
        found[place] = _days(row)
    missing = [f"{c}, {s}" for c in clocks for s in STEPS if (c, s) not in found]
    if missing:
        raise reference_data.ReferenceDataError(
            f"{path.name}: a row for {missing[0]} is missing."
        )
    return found


def _days(row: reference_data.Entry) -> int:
    text = row.text("days")
    if not text.isdecimal() or len(text) > 3:
        raise row.error("days", f"must be a whole number of days, not {text!r}.")
    return int(text)
