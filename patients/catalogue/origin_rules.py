"""The items, caps and bands of the lumbar-origin checklist, with what is published."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic import reference_data
from patients.catalogue import grounding

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "key",
    "group",
    "points_to",
    "input_kind",
    "finding",
    "points",
    "group_cap",
    "applies_if",
    "root_hint",
    "published_figures",
    "population",
    "limits",
    "grade",
    "status",
    "sources",
)
BAND_COLUMNS = ("key", "rule", "text", "note")
BANDS = (
    "0_gate",
    "1_incomplete",
    "2_consider_lumbar",
    "3_mixed",
    "4_other_first",
    "5_less_supported",
    "6_open",
)
LUMBAR = "lumbar"
POINTS_TO = (
    LUMBAR,
    "record_only",
    "si_joint",
    "local",
    "local_nerve",
    "polyneuropathy",
    "vascular",
    "central",
)
INPUT_KINDS = ("history", "exam", "history+exam", "test")
GROUPS = {
    "history_core": "history",
    "history_weak": "weak history",
    "neural_tension": "nerve tension",
    "root_deficit": "root deficit",
    "stenosis": "stenosis",
    "spine_link": "link to the spine",
    "si_joint": "the sacroiliac joint",
    "heel_local": "the heel itself",
    "foot_structure": "a structure of the foot",
    "forefoot": "the forefoot",
    "entrapment": "nerve entrapment in the leg or foot",
    "polyneuropathy": "polyneuropathy",
    "vascular": "the circulation",
    "central": "central signs",
}
# A positive item of one of these is needed beside history.
EXAMINATION_GROUPS = ("neural_tension", "root_deficit", "spine_link")
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class OriginRule:
    key: str
    group: str
    points_to: str
    input_kind: str
    finding: str
    points: int
    group_cap: int
    applies_if: str
    root_hint: str
    published_figures: str
    population: str
    limits: str
    grade: str
    status: str
    sources: tuple[str, ...]

    @property
    def group_name(self) -> str:
        return GROUPS[self.group]


@dataclass(frozen=True, slots=True)
class Band:
    """text is what the clinician reads; {missing} and {groups} are filled in."""

    key: str
    rule: str
    text: str
    note: str


@functools.cache
def rules() -> Mapping[str, OriginRule]:
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read(DATA / "origin_rules.csv", citations)


@functools.cache
def bands() -> Mapping[str, Band]:
    return read_bands(DATA / "origin_bands.csv")


@functools.cache
def caps() -> Mapping[str, int]:
    return {rule.group: rule.group_cap for rule in rules().values()}


@functools.cache
def lumbar_groups() -> tuple[str, ...]:
    points = (r.group for r in rules().values() if r.points_to == LUMBAR)
    return tuple(dict.fromkeys(points))


def read(path: Path, citations: Collection[str]) -> dict[str, OriginRule]:
    found: dict[str, OriginRule] = {}
    for row in reference_data.read_csv(path, COLUMNS):
        rule = _rule(row, found, citations)
        same = [r for r in found.values() if r.group == rule.group]
        if same and same[0].group_cap != rule.group_cap:
            raise row.error("group_cap", f"the cap of {rule.group} differs above.")
        found[rule.key] = rule
    return found


def _rule(
    row: reference_data.Entry, known: Collection[str], citations: Collection[str]
) -> OriginRule:
    status, sources = grounding.read(row, citations)
    return OriginRule(
        key=row.unique_text("key", known),
        group=row.choice("group", GROUPS),
        points_to=row.choice("points_to", POINTS_TO),
        input_kind=row.choice("input_kind", INPUT_KINDS),
        finding=row.text("finding"),
        points=_whole(row, "points"),
        group_cap=_whole(row, "group_cap"),
        applies_if=row.optional_text("applies_if"),
        root_hint=row.optional_text("root_hint"),
        published_figures=row.optional_text("published_figures") or "none",
        population=row.optional_text("population"),
        limits=row.optional_text("limits"),
        grade=row.choice("grade", GRADES),
        status=status,
        sources=sources,
    )


def read_bands(path: Path) -> dict[str, Band]:
    found: dict[str, Band] = {}
    for row in reference_data.read_csv(path, BAND_COLUMNS):
        key = row.unique_text("key", found)
        found[key] = Band(
            key=row.choice("key", BANDS),
            rule=row.text("rule"),
            text=_template(row),
            note=row.optional_text("note"),
        )
    missing = [key for key in BANDS if key not in found]
    if missing:
        raise reference_data.ReferenceDataError(
            f"{path.name}: the band {missing[0]} has no row."
        )
    return found


def _template(row: reference_data.Entry) -> str:
    text = row.text("text")
    try:
        text.format(missing="", groups="")
    except (KeyError, IndexError, ValueError):
        raise row.error("text", "only {missing} and {groups} are filled in.") from None
    return text


def _whole(row: reference_data.Entry, column: str) -> int:
    text = row.text(column)
    try:
        return int(text)
    except ValueError:
        raise row.error(column, f"must be a whole number, not {text!r}.") from None
