import functools
from pathlib import Path

from clinic import reference_data

COLUMNS = ("key", "label_en", "label_es", "has_side", "site", "views")


@functools.cache
def regions():
    return {
        r.text("key"): r.flag("has_side")
        for r in reference_data.read_csv(
            Path(__file__).parent / "data/body_regions.csv", COLUMNS
        )
    }


def parse(value: str):
    key, _, side = value.partition(":")
    if key not in regions() or (side in ("left", "right")) != regions()[key]:
        raise ValueError(f"{value!r} is not a region of the body map.")
    return key, side


def choices(language: str):
    return []
