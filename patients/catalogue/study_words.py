"""What a study can be of, and the fixed words in which its result is kept."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"
REGION_COLUMNS = ("key", "label", "area", "kinds", "levels")
WORD_COLUMNS = ("kind", "area", "key", "label", "is_alone", "source")
KINDS = ("mri", "ct", "xray", "ultrasound", "emg_ncs")
AREAS = ("spine", "limb", "nerve", "vessel", "head")
ANY_AREA = "any"
OWN_WORDING = "own wording"


@dataclass(frozen=True, slots=True)
class Region:
    """levels are the segments that a result can name, or the roots of a nerve test."""

    key: str
    label: str
    area: str
    kinds: tuple[str, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """is_alone says that no other word can stand beside it."""

    key: str
    label: str
    area: str
    is_alone: bool


Words = Mapping[str, Mapping[str, Word]]


@functools.cache
def regions() -> Mapping[str, Region]:
    return read_regions(DATA / "study_regions.csv")


@functools.cache
def words() -> Words:
    """By kind of study, then by key."""
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read_words(DATA / "study_words.csv", citations)


def regions_for(kind: str) -> list[Region]:
    return [region for region in regions().values() if kind in region.kinds]


def words_for(kind: str, region: str) -> list[Word]:
    """What such a study can show: normal, then what fits the place, then the rest."""
    known = regions().get(region)
    areas = (ANY_AREA, known.area) if known else (ANY_AREA,)
    offered = [word for word in words().get(kind, {}).values() if word.area in areas]
    return sorted(offered, key=lambda w: (not w.is_alone, w.area == ANY_AREA))


def region_label(key: str) -> str:
    known = regions().get(key)
    return known.label if known else key.replace("_", " ")


def label(kind: str, key: str) -> str:
    """A stored word as it is read, also one that a later list does not offer."""
    known = words().get(kind, {}).get(key)
    return known.label if known else key.replace("_", " ")


def levels_in_words(region: str, levels: Collection[str]) -> str:
    """Named levels from top to bottom: "L4-L5, L5-S1"."""
    known = regions().get(region)
    order = known.levels if known else ()
    named = [level for level in order if level in levels]
    return ", ".join(named + [level for level in levels if level not in order])


def read_regions(path: Path) -> dict[str, Region]:
    found: dict[str, Region] = {}
    for row in reference_data.read_csv(path, REGION_COLUMNS):
        key = row.unique_text("key", found)
        found[key] = Region(
            key=key,
            label=row.text("label"),
            area=row.choice("area", AREAS),
            kinds=_each_of(row, "kinds", KINDS),
            levels=tuple(filter(None, row.optional_text("levels").split("|"))),
        )
    return found


def read_words(path: Path, citations: Collection[str]) -> dict[str, dict[str, Word]]:
    found: dict[str, dict[str, Word]] = {kind: {} for kind in KINDS}
    for row in reference_data.read_csv(path, WORD_COLUMNS):
        known = found[row.choice("kind", KINDS)]
        key = row.unique_text("key", known)
        row.choice("source", [OWN_WORDING, *citations])
        known[key] = Word(
            key=key,
            label=row.text("label"),
            area=row.choice("area", (ANY_AREA, *AREAS)),
            is_alone=row.flag("is_alone"),
        )
    return found


def _each_of(
    row: reference_data.Entry, column: str, allowed: Collection[str]
) -> tuple[str, ...]:
    named = tuple(row.text(column).split("|"))
    unknown = [name for name in named if name not in allowed]
    if unknown:
        raise row.error(column, f"{unknown[0]!r} is not one of {', '.join(allowed)}.")
    return named
