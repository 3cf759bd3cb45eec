"""The lists a complaint is described with: where it hurts, where it comes from."""

import functools
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"
SIDES = ("left", "right", "none")
SITE_COLUMNS = (
    "key",
    "label_en",
    "label_es",
    "has_side",
    "is_spine",
    "phrase_en",
    "left_en",
    "right_en",
    "phrase_es",
    "left_es",
    "right_es",
)
SOURCE_COLUMNS = ("key", "label", "group", "has_side", "source")
GROUPS = {
    "nerve_root": "Nerve root",
    "spine": "Spine and pelvis",
    "joint": "Joint",
    "tendon_fascia": "Tendon or fascia",
    "peripheral_nerve": "Peripheral nerve",
    "central": "Spinal cord and brain",
    "vascular": "Circulation",
    "systemic": "Whole body",
    "unknown": "Unknown",
}


@dataclass(frozen=True, slots=True)
class BodySite:
    """A site; the phrases for left and right are empty where it has no side."""

    key: str
    label_en: str
    label_es: str
    has_side: bool
    is_spine: bool
    phrase_en: str
    left_en: str
    right_en: str
    phrase_es: str
    left_es: str
    right_es: str

    def phrase(self, side: str, language: str) -> str:
        """For the middle of a sentence, without an article: 'left foot'."""
        english = language != "es"
        if not self.has_side or side == "none":
            return self.phrase_en if english else self.phrase_es
        if side == "left":
            return self.left_en if english else self.left_es
        return self.right_en if english else self.right_es


@dataclass(frozen=True, slots=True)
class PainSource:
    key: str
    label: str
    group: str
    has_side: bool
    source: str


@functools.cache
def body_sites() -> dict[str, BodySite]:
    return read_body_sites(DATA / "body_sites.csv")


def site_choices() -> list[tuple[str, str]]:
    return [(site.key, site.label_en) for site in body_sites().values()]


def site_phrase(site_key: str, side: str, language: str) -> str:
    """'left foot' or 'pie izquierdo'; a side is ignored where a site has none.

    A language that is neither English nor Spanish gets English.
    """
    if site_key not in body_sites():
        raise ValueError(f"Unknown body site {site_key!r}.")
    if side not in SIDES:
        raise ValueError(f"Unknown side {side!r}; use left, right or none.")
    return body_sites()[site_key].phrase(side, language)


@functools.cache
def pain_sources() -> dict[str, PainSource]:
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read_pain_sources(DATA / "pain_sources.csv", citations)


def source_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Grouped for a select: (group label, [(key, label), ...])."""
    sources = pain_sources().values()
    return [
        (label, [(s.key, s.label) for s in sources if s.group == group])
        for group, label in GROUPS.items()
    ]


def read_body_sites(path: Path) -> dict[str, BodySite]:
    sites: dict[str, BodySite] = {}
    for row in reference_data.read_csv(path, SITE_COLUMNS):
        site = _body_site(row, sites)
        sites[site.key] = site
    return sites


def read_pain_sources(path: Path, citations: Collection[str]) -> dict[str, PainSource]:
    sources: dict[str, PainSource] = {}
    for row in reference_data.read_csv(path, SOURCE_COLUMNS):
        source = PainSource(
            key=row.unique_text("key", sources),
            label=row.text("label"),
            group=row.choice("group", GROUPS),
            has_side=row.flag("has_side"),
            source=row.choice("source", citations) if row.has("source") else "",
        )
        sources[source.key] = source
    return sources


def _body_site(row: reference_data.Entry, sites: Collection[str]) -> BodySite:
    has_side = row.flag("has_side")

    def sided(column: str) -> str:
        if row.has(column) and not has_side:
            raise row.error(column, "must be empty, because the site has no side.")
        return row.text(column) if has_side else ""

    return BodySite(
        key=row.unique_text("key", sites),
        label_en=row.text("label_en"),
        label_es=row.text("label_es"),
        has_side=has_side,
        is_spine=row.flag("is_spine"),
        phrase_en=row.text("phrase_en"),
        left_en=sided("left_en"),
        right_en=sided("right_en"),
        phrase_es=row.text("phrase_es"),
        left_es=sided("left_es"),
        right_es=sided("right_es"),
    )
