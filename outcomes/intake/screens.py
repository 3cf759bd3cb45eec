"""The screens of an intake as data: what each asks, and whom it does not."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from patients.catalogue import findings
from patients.catalogue.findings import Definition
from patients.models import Patient

FILE = Path(__file__).parent / "data" / "screens.toml"
LANGUAGES = ("en", "es")
ABOUT = ("complaint", "patient")


class Kind(StrEnum):
    """How a screen asks."""

    MAP = "map"
    AGO = "ago"
    SCALE = "scale"
    BOXES = "boxes"
    SYMPTOM = "symptom"
    FLAGS = "flags"
    TEXT = "text"
    # A red flag that a clinician has dated, and what makes a red flag more urgent.
    KNOWN = "known"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Screen:
    """heading and hint are empty where the finding brings its own question."""

    key: str
    about: str
    asks: tuple[Definition, ...]
    not_at: tuple[str, ...]
    heading: Mapping[str, str]
    hint: Mapping[str, str]

    @property
    def kind(self) -> Kind:
        return _KINDS[self.asks[0].block == "red_flags", self.asks[0].kind]


@dataclass(frozen=True, slots=True)
class Person:
    """What of a patient decides about the questions."""

    sex: str
    age: int | None


@dataclass(frozen=True, slots=True)
class Unasked:
    """from_age is None where age does not matter."""

    codes: tuple[str, ...]
    sexes: tuple[str, ...]
    from_age: int | None
    sites: tuple[str, ...]

    def covers(self, code: str, person: Person, site: str) -> bool:
        is_past = (
            self.from_age is not None
            and person.age is not None
            and person.age >= self.from_age
        )
        return code in self.codes and (
            person.sex in self.sexes or site in self.sites or is_past
        )


@dataclass(frozen=True, slots=True)
class Content:
    screens: tuple[Screen, ...]
    unasked: tuple[Unasked, ...]
    # Paths of the catalogue by (finding, option).
    offered: Mapping[tuple[str, str], tuple[str, ...]]

    def is_asked(self, code: str, person: Person, site: str) -> bool:
        return not any(rule.covers(code, person, site) for rule in self.unasked)

    def is_offered(self, finding: str, option: str, site: str) -> bool:
        paths = self.offered.get((finding, option))
        return paths is None or bool({*paths} & {*findings.site_paths()[site]})


_KINDS = {
    (False, findings.Kind.REGIONS): Kind.MAP,
    (False, findings.Kind.DATE): Kind.AGO,
    (False, findings.Kind.SCALE): Kind.SCALE,
    (False, findings.Kind.CHOICES): Kind.BOXES,
    (False, findings.Kind.PRESENCE): Kind.SYMPTOM,
    (False, findings.Kind.TEXT): Kind.TEXT,
    (True, findings.Kind.PRESENCE): Kind.FLAGS,
}


@functools.cache
def content() -> Content:
    return read(FILE)


def read(path: Path) -> Content:
    entry = reference_data.read_toml(path)
    screens: dict[str, Screen] = {}
    for table in entry.tables("screens"):
        screen = _screen(table, screens)
        screens[screen.key] = screen
    found = Content(
        tuple(screens.values()),
        tuple(_unasked(table) for table in entry.tables("unasked")),
        _offered(entry.table("offered")),
    )
    entry.finish()
    return found


def _screen(table: Entry, known: Mapping[str, Screen]) -> Screen:
    screen = Screen(
        key=table.unique_text("key", known),
        about=table.choice("about", ABOUT),
        asks=tuple(_asked(table, key) for key in table.texts("asks")),
        not_at=_known(table, "not_at", findings.site_paths()),
        heading=_words(table, "heading"),
        hint=_words(table, "hint"),
    )
    table.finish()
    if not screen.asks:
        raise table.error("asks", "name at least one finding.")
    if screen.kind == Kind.FLAGS and not screen.heading:
        raise table.error("heading", "boxes need a question above them.")
    return screen


def _asked(table: Entry, key: str) -> Definition:
    found = findings.definitions().get(key)
    if found is None or not found.is_for_patients:
        raise table.error("asks", f"{key!r} is no finding that patients are asked.")
    if (found.block == "red_flags", found.kind) not in {*_KINDS, _WORST}:
        raise table.error("asks", f"there is no screen for {found.kind.value!r}.")
    return found


# Stands on the body map's screen, beside the regions.
_WORST = (False, findings.Kind.REGION)


def _unasked(table: Entry) -> Unasked:
    found = Unasked(
        codes=_known(table, "codes", findings.definitions()),
        sexes=_known(table, "sexes", Patient.Sex.values),
        from_age=table.integer("from_age") if table.has("from_age") else None,
        sites=_known(table, "sites", findings.site_paths()),
    )
    table.finish()
    return found


def _known(table: Entry, key: str, known: Collection[str]) -> tuple[str, ...]:
    found = table.texts(key)
    for name in found:
        if name not in known:
            raise table.error(key, f"{name!r} is not known.")
    return found


def _offered(table: Entry) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for finding in table:
        options = table.table(finding)
        known = findings.definitions().get(finding)
        for option in options:
            if known is None or option not in known.options:
                raise options.error(option, f"is no option of {finding!r}.")
            found[finding, option] = options.texts(option)
        options.finish()
    table.finish()
    return found


def _words(table: Entry, key: str) -> Mapping[str, str]:
    if not table.has(key):
        return {}
    words = table.table(key)
    found = {language: words.text(language) for language in LANGUAGES}
    words.finish()
    return found
