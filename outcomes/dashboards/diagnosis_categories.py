"""The categories of ICD-10-CM, the first three characters of a code, in our words."""

import functools
from collections.abc import Mapping
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data" / "diagnosis_categories.csv"
COLUMNS = ("category", "label")
LENGTH = 3


@functools.cache
def labels() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in reference_data.read_csv(DATA, COLUMNS):
        found[row.unique_text("category", found)] = row.text("label")
    return found


def words(category: str) -> str:
    """Such as "M51 disc disorders"; the bare category where we have no word for it."""
    return f"{category} {labels().get(category, '')}".strip()
