"""The extensions of elements, and what those say that are understood. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments.fhir import addresses

Json = Mapping[str, Any]


def of(held: object) -> list[Json]:
    """Those of an element that look like extensions."""
    found = held.get("extension") if isinstance(held, dict) else None
    listed = found if isinstance(found, list) else []
    return [
        each if isinstance(each.get("url"), str) else {**each, "url": "without a url"}
        for each in listed
        if isinstance(each, dict)
    ]


def value(told: Json, address: str, *keys: str) -> Any:
    for extension in of(told):
        if extension.get("url") == address:
            return next((extension[key] for key in keys if key in extension), None)
    return None


def control(told: Json) -> str:
    concept = value(told, addresses.CONTROL, "valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    listed = codings if isinstance(codings, list) else []
    codes = [each.get("code") for each in listed if isinstance(each, dict)]
    return next((code for code in codes if isinstance(code, str)), "")
