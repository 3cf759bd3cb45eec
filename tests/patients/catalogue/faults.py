"""Writes a small file of reference data with one row, some cells of it changed."""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path


def write(path: Path, columns: Collection[str], *rows: Mapping[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def shipped(path: Path, key: str) -> dict[str, str]:
    """The row with that key as it ships."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["key"] == key)
