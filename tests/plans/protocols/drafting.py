"""A small protocol as a document, to be spoilt in one place at a time."""

import copy
from typing import Any

from plans.protocols import checks, documents

BASELINE = {
    "key": "baseline",
    "label": "Baseline",
    "offset_days": 0,
    "open_day": -30,
    "close_day": 0,
    "ask_day": -7,
    "is_baseline": True,
    "measures": ["pain_site"],
    "purpose": "to compare with",
}
MONTH = {
    "key": "m1",
    "label": "1 month",
    "offset_days": 30,
    "open_day": 21,
    "close_day": 45,
    "ask_day": 30,
    "measures": ["pain_site"],
    "purpose": "early",
}
CONTENT = {
    "title": "Sample",
    "modality": "prp",
    "condition": "",
    "summary": "A sample.",
    "anchor": "index_procedure",
    "sources": ["MIBO2017"],
    "steps": [
        {"key": "therapy", "title": "Therapy", "modality": "physical_therapy"}
        | {"offset_days": 0},
        {"key": "prp", "title": "PRP", "modality": "prp", "after": "therapy"}
        | {"offset_days": 42, "is_index": True},
    ],
    "timepoints": [BASELINE, MONTH],
    "goals": [
        {"measure": "pain_site", "comparison": "at_most", "target": "3", "by_day": 30}
    ],
    "rungs": [
        {"channel": "preferred", "after_days": 0},
        {"channel": "sms", "after_days": 3},
        {"channel": "rescue", "after_days": 3},
    ],
}


def content(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CONTENT) | changes


def spoilt(section: str, number: int, **changes: Any) -> dict[str, Any]:
    """The sample with other values in one of its rows, counted from 1."""
    made = content()
    made[section][number - 1] |= changes
    return made


def problems(made: dict[str, Any]) -> list[str]:
    reading = documents.read(made, key="sample", version=1)
    return [str(problem) for problem in checks.problems(reading)]


def warnings(made: dict[str, Any]) -> list[str]:
    reading = documents.read(made, key="sample", version=1)
    assert checks.problems(reading) == []
    return checks.warnings(reading.definition)
