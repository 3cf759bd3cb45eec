"""Findings that cannot wait: how urgent each is, what raises it, what to do."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clinic import reference_data
from patients.catalogue import grounding

DATA = Path(__file__).parent / "data"
COLUMNS = (
    "key",
    "pathology",
    "finding",
    "reported_by",
    "tier",
    "raised_tier",
    "raised_by",
    "path",
    "question_en",
    "question_es",
    "is_private",
    "has_baseline",
    "action",
    "evidence",
    "guidelines",
    "icd10_examples",
    "product_action",
    "status",
    "sources",
)
DETAIL_COLUMNS = ("key", "flag", "label", "question_en", "question_es")
REPORTERS = ("patient", "clinician")
PATHS = ("any", "leg", "lumbar", "foot", "arm")


class Tier(StrEnum):
    """Most urgent first: emergency now, same day, within 2 weeks, before the plan."""

    E0 = "E0"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"


@dataclass(frozen=True, slots=True)
class RedFlagRule:
    """raised_by names the flags and details with which raised_tier holds instead."""

    key: str
    pathology: str
    finding: str
    reported_by: tuple[str, ...]
    tier: Tier
    raised_tier: Tier | None
    raised_by: tuple[str, ...]
    path: str
    question: Mapping[str, str]
    is_private: bool
    has_baseline: bool
    action: str
    evidence: str
    guidelines: str
    icd10_examples: tuple[str, ...]
    product_action: str
    status: str
    sources: tuple[str, ...]

    @property
    def is_for_patients(self) -> bool:
        return "patient" in self.reported_by and bool(self.question)


@dataclass(frozen=True, slots=True)
class Detail:
    """What makes a flag more urgent, asked once the flag itself is present."""

    key: str
    flag: str
    label: str
    question: Mapping[str, str]


@functools.cache
def red_flags() -> Mapping[str, RedFlagRule]:
    citations = reference_data.read_sources(DATA / "sources.csv")
    return read(DATA / "red_flags.csv", citations, details())


@functools.cache
def details() -> Mapping[str, Detail]:
    return read_details(DATA / "red_flag_details.csv")


def details_of(flag: str) -> list[Detail]:
    return [detail for detail in details().values() if detail.flag == flag]


def read(
    path: Path, citations: Collection[str], known_details: Mapping[str, Detail]
) -> dict[str, RedFlagRule]:
    rows = reference_data.read_csv(path, COLUMNS)
    found: dict[str, RedFlagRule] = {}
    for row in rows:
        rule = _rule(row, found, citations)
        found[rule.key] = rule
    for row, rule in zip(rows, found.values(), strict=True):
        for name in rule.raised_by:
            if name not in found and name not in known_details:
                raise row.error("raised_by", f"{name!r} is neither flag nor detail.")
    orphans = [d for d in known_details.values() if d.flag not in found]
    if orphans:
        raise reference_data.ReferenceDataError(
            f"{path.name}: the detail {orphans[0].key} belongs to no flag here."
        )
    return found


def read_details(path: Path) -> dict[str, Detail]:
    found: dict[str, Detail] = {}
    for row in reference_data.read_csv(path, DETAIL_COLUMNS):
        detail = Detail(
            key=row.unique_text("key", found),
            flag=row.text("flag"),
            label=row.text("label"),
            question={"en": row.text("question_en"), "es": row.text("question_es")},
        )
        found[detail.key] = detail
    return found


def _rule(
    row: reference_data.Entry, known: Collection[str], citations: Collection[str]
) -> RedFlagRule:
    tiers = [tier.value for tier in Tier]
    raised_by = _list(row, "raised_by")
    tier = Tier(row.choice("tier", tiers))
    raised = Tier(row.choice("raised_tier", tiers)) if row.has("raised_tier") else None
    if (raised is None) == bool(raised_by):
        raise row.error("raised_by", "say what raises the tier, or leave both empty.")
    if raised is not None and raised >= tier:
        raise row.error("raised_tier", f"must be more urgent than {tier}.")
    status, sources = grounding.read(row, citations)
    return RedFlagRule(
        key=row.unique_text("key", known),
        pathology=row.text("pathology"),
        finding=row.text("finding"),
        reported_by=_list(row, "reported_by", REPORTERS),
        tier=tier,
        raised_tier=raised,
        raised_by=raised_by,
        path=row.choice("path", PATHS),
        question=_question(row),
        is_private=row.flag("is_private"),
        has_baseline=row.flag("has_baseline"),
        action=row.text("action"),
        evidence=row.optional_text("evidence"),
        guidelines=row.optional_text("guidelines"),
        icd10_examples=_list(row, "icd10_examples"),
        product_action=row.text("product_action"),
        status=status,
        sources=sources,
    )


def _question(row: reference_data.Entry) -> Mapping[str, str]:
    if not row.has("question_en") and not row.has("question_es"):
        return {}
    return {"en": row.text("question_en"), "es": row.text("question_es")}


def _list(
    row: reference_data.Entry, column: str, allowed: Collection[str] | None = None
) -> tuple[str, ...]:
    parts = tuple(filter(None, row.optional_text(column).split(";")))
    for part in parts:
        if allowed is not None and part not in allowed:
            raise row.error(column, f"{part!r} is not known.")
    return parts
