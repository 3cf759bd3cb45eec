"""What a FHIR file holds, without the library that reads it: for the page."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patients.record import fhir_resources
from patients.record.imports import json_entries
from patients.record.imports.refusals import ImportFileError

# What is read; everything else is counted, named and passed over.
READ = ("Patient", "Condition")
_MOST_SYSTEMS = 20


@dataclass(slots=True)
class Glance:
    total: int = 0
    types: Counter[str] = field(default_factory=Counter)
    # The systems of patients' identifiers, by which an MRN is told from other numbers.
    systems: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "types": dict(self.types.most_common()),
            "systems": dict(self.systems.most_common(_MOST_SYSTEMS)),
        }


def look(path: Path) -> Glance:
    found = Glance()
    for entry in json_entries.entries(path):
        found.total += 1
        found.types[entry.type or "not readable"] += 1
        if entry.type == "Patient":
            systems = fhir_resources.identifier_systems(entry.resource)
            found.systems.update(set(systems))
    if not found.total:
        raise ImportFileError("The Bundle has no entries.")
    if not any(found.types[known] for known in READ):
        kinds = ", ".join(list(found.types)[:5])
        raise ImportFileError(
            f"The file has no Patient and no Condition, only: {kinds}. Choose the file "
            "with the patients."
        )
    return found
