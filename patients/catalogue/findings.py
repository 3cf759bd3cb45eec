"""What an intake and an examination ask: each finding, its kind and its words."""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from clinic import clock, reference_data
from patients.catalogue import finding_values, places, red_flags, regions
from patients.catalogue import roots as nerve_roots

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "key",
    "block",
    "label",
    "kind",
    "is_sided",
    "asks_since",
    "options",
    "low",
    "high",
    "unit",
    "normal",
    "path",
    "roots",
    "nerve",
    "source",
    "question_en",
    "question_es",
)
OPTION_COLUMNS = ("set", "key", "label", "label_en", "label_es", "is_abnormal")
PATH_COLUMNS = ("site", "paths")
# In the order in which the page asks them.
BLOCKS = {
    "pain": "Pain",
    "symptoms": "Symptoms to watch",
    "history": "History",
    "red_flags": "Red flags",
    "reflexes": "Reflexes",
    "strength": "Strength",
    "sensation": "Sensation",
    "motion": "Range of motion",
    "tension": "Nerve tension and back",
    "si_joint": "Sacroiliac joint",
    "local_foot": "Foot and ankle",
    "circulation": "Circulation",
    "central": "Central signs and bladder",
}
# "any" is asked of every complaint; a site's other paths stand in site_paths.csv.
PATHS = ("any", "leg", "lumbar", "foot", "arm")
PRESENT, ABSENT = "present", "absent"
PRESENCE = {ABSENT: "no", PRESENT: "yes"}
# A red flag is new or worse, or as a clinician has dated that it long was.
UNCHANGED = "unchanged"
FLAG_WORDS = {ABSENT: "no", UNCHANGED: "as before", PRESENT: "new or worse"}
TEXT_LENGTH = finding_values.TEXT_LENGTH


class Kind(StrEnum):
    PRESENCE = "presence"
    CHOICE = "choice"
    CHOICES = "choices"
    GRADE = "grade"
    NUMBER = "number"
    SCALE = "scale"
    RANGE = "range"
    DATE = "date"
    TEXT = "text"
    REGION = "region"
    REGIONS = "regions"


NUMBERS = (Kind.GRADE, Kind.NUMBER, Kind.SCALE, Kind.RANGE)


@dataclass(frozen=True, slots=True)
class Option:
    """label is for staff; en and es are for patients, empty where never asked."""

    key: str
    label: str
    words: Mapping[str, str]
    is_abnormal: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """One finding; low and high bound a number, normal is what "all normal" records."""

    key: str
    block: str
    label: str
    kind: Kind
    is_sided: bool
    asks_since: bool
    options: Mapping[str, Option]
    low: Decimal | None
    high: Decimal | None
    unit: str
    normal: str
    path: str
    roots: tuple[str, ...]
    nerve: str
    source: str
    question: Mapping[str, str]

    @property
    def is_for_patients(self) -> bool:
        return bool(self.question)

    @property
    def sides(self) -> tuple[str, ...]:
        return ("left", "right") if self.is_sided else ("none",)

    def read(self, text: str, *, today: date) -> str:
        """The one spelling in which a value is stored; ValueError says what is wrong.

        Never called with a blank: what nobody recorded is no finding.
        """
        return finding_values.READERS[self.kind](self, text.strip(), today)

    def words(self, value: str) -> str:
        """A stored value as staff read it."""
        if self.kind in (Kind.CHOICES, Kind.REGIONS):
            return ", ".join(self._word(part) for part in value.split(","))
        return self._word(value)

    def is_abnormal(self, value: str) -> bool:
        """Whether it differs from what is recorded as normal; False where none is."""
        if value in self.options:
            return self.options[value].is_abnormal
        if self.kind == Kind.GRADE:
            return value != self.normal
        return self.kind == Kind.PRESENCE and value == PRESENT

    def _word(self, value: str) -> str:
        if self.kind in (Kind.REGION, Kind.REGIONS):
            return regions.label(value, "en")
        if value in self.options:
            return self.options[value].label
        if self.kind == Kind.DATE:
            return clock.in_words(date.fromisoformat(value))
        if self.kind == Kind.RANGE and self.unit:
            return f"{value} {self.unit}"
        if self.kind == Kind.NUMBER and self.unit not in ("", "ratio"):
            return f"{value} {self.unit}"
        return value


@functools.cache
def definitions() -> Mapping[str, Definition]:
    """Every finding by key, in the order of the page."""
    citations = reference_data.read_sources(DATA / "sources.csv")
    options = read_options(DATA / "finding_options.csv")
    found = read(DATA / "findings.csv", options, citations) | of_red_flags()
    order = list(BLOCKS)
    return dict(sorted(found.items(), key=lambda item: order.index(item[1].block)))


def of_red_flags() -> dict[str, Definition]:
    """Each red flag, and what makes it more urgent, is a finding like the others."""
    found: dict[str, Definition] = {}
    for rule in red_flags.red_flags().values():
        words = FLAG_WORDS if rule.has_baseline else PRESENCE
        label = rule.finding[0].upper() + rule.finding[1:]
        found[rule.key] = _presence(
            rule.key, label, words, rule.path, rule.question, asks_since=True
        )
        for detail in red_flags.details_of(rule.key):
            found[detail.key] = _presence(
                detail.key, detail.label, PRESENCE, rule.path, detail.question
            )
    return found


def _presence(
    key: str,
    label: str,
    words: Mapping[str, str],
    path: str,
    question: Mapping[str, str],
    *,
    asks_since: bool = False,
) -> Definition:
    return Definition(
        key=key,
        block="red_flags",
        label=label,
        kind=Kind.PRESENCE,
        is_sided=False,
        asks_since=asks_since,
        options=_presences(words),
        low=None,
        high=None,
        unit="",
        normal=ABSENT,
        path=path,
        roots=(),
        nerve="",
        source="",
        question=question,
    )


def _presences(words: Mapping[str, str]) -> dict[str, Option]:
    return {
        key: Option(key, label, {}, is_abnormal=key == PRESENT)
        for key, label in words.items()
    }


@functools.cache
def site_paths() -> Mapping[str, tuple[str, ...]]:
    """Which lists of questions a complaint of a body site goes through."""
    return read_paths(DATA / "site_paths.csv")


def of_site(site: str) -> list[Definition]:
    """What is asked and examined where it hurts there."""
    paths = ("any", *site_paths()[site])
    return [found for found in definitions().values() if found.path in paths]


def has_checklist(site: str) -> bool:
    """Whether the lumbar-origin checklist is for pain at this site."""
    return "lumbar" in site_paths()[site]


def blocks_of(site: str) -> dict[str, list[Definition]]:
    """The same by block, empty blocks left out."""
    found = of_site(site)
    blocks = {key: [d for d in found if d.block == key] for key in BLOCKS}
    return {key: inside for key, inside in blocks.items() if inside}


def read(
    path: Path,
    options: Mapping[str, Mapping[str, Option]],
    citations: Collection[str],
) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        definition = _definition(row, found, options, citations)
        found[definition.key] = definition
    return found


def read_options(path: Path) -> dict[str, dict[str, Option]]:
    sets: dict[str, dict[str, Option]] = {}
    for row in reference_data.read_csv(path, OPTION_COLUMNS):
        known = sets.setdefault(row.text("set"), {})
        key = row.unique_text("key", known)
        words = {
            language: row.text(f"label_{language}")
            for language in ("en", "es")
            if row.has(f"label_{language}")
        }
        if len(words) == 1:
            raise row.error("label_es", "give the words in both languages or in none.")
        known[key] = Option(key, row.text("label"), words, row.flag("is_abnormal"))
    return sets


def read_paths(path: Path) -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {}
    for row in reference_data.read_csv(path, PATH_COLUMNS):
        site = row.unique_text("site", paths)
        if site not in places.body_sites():
            raise row.error("site", f"{site!r} is not a body site.")
        wanted = tuple(row.text("paths").split())
        unknown = [name for name in wanted if name not in PATHS]
        if unknown:
            raise row.error("paths", f"{unknown[0]!r} is not one of {PATHS}.")
        paths[site] = wanted
    missing = [site for site in places.body_sites() if site not in paths]
    if missing:
        raise reference_data.ReferenceDataError(
            f"{path.name}: the site {missing[0]} has no row."
        )
    return paths


def _definition(
    row: reference_data.Entry,
    known: Collection[str],
    sets: Mapping[str, Mapping[str, Option]],
    citations: Collection[str],
) -> Definition:
    kind = Kind(row.choice("kind", [kind.value for kind in Kind]))
    options = _options(row, kind, sets)
    normal = row.optional_text("normal")
    if kind in (Kind.PRESENCE, Kind.CHOICE, Kind.RANGE) and normal:
        row.choice("normal", options)
    return Definition(
        key=row.unique_text("key", known),
        block=row.choice("block", BLOCKS),
        label=row.text("label"),
        kind=kind,
        is_sided=row.flag("is_sided"),
        asks_since=row.flag("asks_since"),
        options=options,
        low=_bound(row, "low", kind),
        high=_bound(row, "high", kind),
        unit=row.optional_text("unit"),
        normal=normal,
        path=row.choice("path", PATHS),
        roots=_roots(row),
        nerve=row.optional_text("nerve"),
        source=row.choice("source", citations) if row.has("source") else "",
        question=_question(row),
    )


def _options(
    row: reference_data.Entry, kind: Kind, sets: Mapping[str, Mapping[str, Option]]
) -> Mapping[str, Option]:
    if kind == Kind.PRESENCE:
        return _presences(PRESENCE)
    if kind in (Kind.CHOICE, Kind.CHOICES, Kind.RANGE):
        return sets[row.choice("options", sets)]
    return {}


def _bound(row: reference_data.Entry, column: str, kind: Kind) -> Decimal | None:
    if kind not in NUMBERS:
        row.optional_text(column)
        return None
    text = row.text(column)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise row.error(column, f"must be a number, not {text!r}.") from None


def _roots(row: reference_data.Entry) -> tuple[str, ...]:
    roots = tuple(filter(None, row.optional_text("roots").split("|")))
    for root in roots:
        if root not in nerve_roots.roots():
            raise row.error("roots", f"{root!r} is not a root of roots.csv.")
    return roots


def _question(row: reference_data.Entry) -> Mapping[str, str]:
    if not row.has("question_en") and not row.has("question_es"):
        return {}
    return {"en": row.text("question_en"), "es": row.text("question_es")}


def cells(asked: Sequence[Definition]) -> list[tuple[str, str]]:
    """Each (key, side) that a list of findings has a place for."""
    return [(d.key, side) for d in asked for side in d.sides]
