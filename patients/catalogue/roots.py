"""What each lumbar and sacral nerve root feels and moves, and how far to trust it.

A note beside the findings: most roots give no pattern of their own (Murphy 2009), so
nothing here names a root.
"""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from patients.catalogue import grounding

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "key",
    "usual_disc_lesion",
    "sensory_area",
    "sensory_test_point",
    "key_action",
    "key_muscles",
    "peripheral_nerves",
    "reflex",
    "nerve_tension_test",
    "usual_pain_area",
    "foot_relevance",
    "separates_from",
    "caveat",
    "status",
    "sources",
)


@dataclass(frozen=True, slots=True)
class Root:
    """separates_from is what looks alike, and how to tell it apart."""

    key: str
    usual_disc_lesion: str
    sensory_area: str
    sensory_test_point: str
    key_action: str
    key_muscles: str
    peripheral_nerves: str
    reflex: str
    nerve_tension_test: str
    usual_pain_area: str
    foot_relevance: str
    separates_from: str
    caveat: str
    status: str
    sources: tuple[str, ...]


@functools.cache
def roots() -> Mapping[str, Root]:
    """L1 to S3-S5, from the top down."""
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read(DATA / "roots.csv", citations)


def read(path: Path, citations: Collection[str]) -> dict[str, Root]:
    found: dict[str, Root] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        root = _root(row, found, citations)
        found[root.key] = root
    return found


def _root(
    row: reference_data.Entry, known: Collection[str], citations: Collection[str]
) -> Root:
    status, sources = grounding.read(row, citations)
    return Root(
        key=row.unique_text("key", known),
        usual_disc_lesion=row.text("usual_disc_lesion"),
        sensory_area=row.text("sensory_area"),
        sensory_test_point=row.text("sensory_test_point"),
        key_action=row.text("key_action"),
        key_muscles=row.text("key_muscles"),
        peripheral_nerves=row.text("peripheral_nerves"),
        reflex=row.text("reflex"),
        nerve_tension_test=row.text("nerve_tension_test"),
        usual_pain_area=row.text("usual_pain_area"),
        foot_relevance=row.text("foot_relevance"),
        separates_from=row.text("separates_from"),
        caveat=row.text("caveat"),
        status=status,
        sources=sources,
    )
