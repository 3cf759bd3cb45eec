"""Where on the body map it hurts: regions, finer than the sites of complaints.

A stored value is a region's key, with ":left" or ":right" where it has a side.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from patients.catalogue import places

DATA = Path(__file__).parent / "data"
COLUMNS = ("key", "label_en", "label_es", "has_side", "site", "views")
VIEWS = {
    "front": ("Front of the body", "El cuerpo por delante"),
    "back": ("Back of the body", "El cuerpo por detrás"),
    "top": ("Top of the feet", "Los pies por arriba"),
    "sole": ("Soles of the feet", "Las plantas de los pies"),
}
SIDES = ("left", "right")
# How a label says its side; the word in braces stands for both.
SIDE_WORDS = {
    "en": {"{left}": ("left", "right")},
    "es": {
        "{izquierdo}": ("izquierdo", "derecho"),
        "{izquierda}": ("izquierda", "derecha"),
    },
}
SHORT_SIDES = {"en": ("Left", "Right"), "es": ("Izq.", "Der.")}


@dataclass(frozen=True, slots=True)
class Region:
    """The views are ordered; the first is the one it is best seen in."""

    key: str
    label_en: str
    label_es: str
    has_side: bool
    site: str
    views: tuple[str, ...]

    def label(self, side: str, language: str) -> str:
        """For the middle of a sentence; without its side for "none"."""
        text = self.label_es if language == "es" else self.label_en
        for word, sides in SIDE_WORDS[_known(language)].items():
            if side == "none":
                text = text.replace(f"{word} ", "").replace(f" {word}", "")
            else:
                text = text.replace(word, sides[SIDES.index(side)])
        return text

    def values(self) -> tuple[str, ...]:
        if self.has_side:
            return tuple(f"{self.key}:{side}" for side in SIDES)
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Place:
    region: Region
    side: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`side` is a short word for a column, empty where the region has no side."""

    value: str
    label: str
    side: str


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Group:
    view: str
    label: str
    lines: tuple[Line, ...]


@functools.cache
def regions() -> dict[str, Region]:
    return read_regions(DATA / "body_regions.csv", places.body_sites())


def parse(value: str) -> Place:
    key, colon, side = value.partition(":")
    region = regions().get(key)
    if region is None:
        raise ValueError(f"{value!r} is not a region of the body map.")
    if value not in region.values():
        wanted = " or ".join(region.values())
        raise ValueError(f"{value!r} is not a region of the body map; use {wanted}.")
    return Place(region, side or "none")


def label(value: str, language: str) -> str:
    """'left heel, from below' or 'talón izquierdo, por debajo'."""
    place = parse(value)
    return place.region.label(place.side, language)


def site_of(value: str) -> tuple[str, str]:
    """The site and side a complaint of this place has."""
    place = parse(value)
    has_side = places.body_sites()[place.region.site].has_side
    return place.region.site, place.side if has_side else "none"


def view_label(view: str, language: str) -> str:
    return VIEWS[view][1 if language == "es" else 0]


@functools.cache
def choices(language: str) -> tuple[Group, ...]:
    """Every region once, under the view it is best seen in."""
    return tuple(
        Group(
            view,
            view_label(view, language),
            tuple(
                _line(region, language)
                for region in regions().values()
                if region.views[0] == view
            ),
        )
        for view in VIEWS
    )


def read_regions(path: Path, sites: Mapping[str, places.BodySite]) -> dict[str, Region]:
    found: dict[str, Region] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        region = Region(
            key=row.unique_text("key", found),
            label_en=_label(row, "en"),
            label_es=_label(row, "es"),
            has_side=row.flag("has_side"),
            site=row.choice("site", sites),
            views=_views(row),
        )
        if sites[region.site].has_side and not region.has_side:
            raise row.error("site", f"{region.site} needs a side, the region has none.")
        found[region.key] = region
    return found


def _label(row: reference_data.Entry, language: str) -> str:
    column = f"label_{language}"
    text = row.text(column)
    words = SIDE_WORDS[language]
    count = sum(text.count(word) for word in words)
    if count != row.flag("has_side") or text.count("{") != count:
        known = " or ".join(words)
        raise row.error(column, f"needs one {known} if it has a side, else none.")
    return text


def _views(row: reference_data.Entry) -> tuple[str, ...]:
    views = tuple(row.text("views").split())
    for view in views:
        if view not in VIEWS or views.count(view) > 1:
            known = ", ".join(VIEWS)
            raise row.error("views", f"{view!r} is not one of {known}, each once.")
    return views


def _line(region: Region, language: str) -> Line:
    def choice(value: str) -> Choice:
        side = parse(value).side
        short = "" if side == "none" else _short_side(side, language)
        return Choice(value, region.label(side, language), short)

    name = region.label("none", language)
    return Line(name[0].upper() + name[1:], tuple(map(choice, region.values())))


def _short_side(side: str, language: str) -> str:
    return SHORT_SIDES[_known(language)][SIDES.index(side)]


def _known(language: str) -> str:
    return "es" if language == "es" else "en"
