"""From the bytes of a file to one FHIR R4 Questionnaire, as it stands in JSON. Pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from outcomes.instruments.brought import LARGEST
from outcomes.instruments.findings import Findings

DEEPEST = 60
# What stands in one release and not in R4: (where, key, release).
_R5 = ("versionAlgorithmString", "versionAlgorithmCoding", "copyrightLabel")
_R5_ITEM = ("answerConstraint", "disabledDisplay")
_STU3_ITEM = (
    *("option", "options", "initialBoolean", "initialDecimal", "initialInteger"),
    *("initialString", "initialCoding", "initialDate"),
)
_RELEASES = {"5.": "R5", "4.3": "R4B", "3.": "STU3", "1.": "DSTU2"}
_SAVE = "Save it as an R4 (4.0.1) Questionnaire in JSON."
Json = Mapping[str, Any]


class _NotJson(ValueError):
    pass


def read(content: bytes, findings: Findings) -> Json | None:
    """The Questionnaire; None where it is none, and the findings say why."""
    found = _parsed(content, findings)
    if found is None:
        return None
    if found.get("resourceType") == "Bundle":
        found = _only_one(found, findings)
    kind = found.get("resourceType") if found is not None else None
    if found is None:
        return None
    if kind != "Questionnaire":
        shown = f"a {kind}" if isinstance(kind, str) else "no FHIR resource"
        findings.refuse("resourceType", f"this is {shown}, not a Questionnaire")
        return None
    return None if _is_other_release(found, findings) else found


def _parsed(content: bytes, findings: Findings) -> Json | None:
    if len(content) > LARGEST:
        most = LARGEST // 1024 // 1024
        findings.refuse("The file", f"it is larger than {most} MB")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.refuse("The file", f"byte {error.start + 1} is not UTF-8", _SAVE)
        return None
    if text.lstrip().startswith("<"):
        findings.refuse("The file", "this is XML", _SAVE)
        return None
    return _json(text, findings)


def _json(text: str, findings: Findings) -> Json | None:
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_constant)
        _check(found)
    except RecursionError:
        findings.refuse("The file", "it is nested too deep")
        return None
    except _NotJson as error:
        findings.refuse("The file", str(error))
        return None
    except ValueError as error:
        findings.refuse("The file", f"it is not valid JSON: {error}")
        return None
    if not isinstance(found, dict):
        findings.refuse("The file", "it holds no FHIR resource", _SAVE)
        return None
    return found


def _constant(name: str) -> NoReturn:
    raise _NotJson(f"{name} is no number that JSON knows")


def _check(found: object) -> None:
    """Neither too deep nor with half characters, which no database takes."""
    ahead: list[tuple[object, int]] = [(found, 0)]
    while ahead:
        value, depth = ahead.pop()
        if depth > DEEPEST:
            raise _NotJson(f"it is nested more than {DEEPEST} deep")
        if isinstance(value, dict):
            ahead += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            ahead += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            raise _NotJson(f"half a character stands in {value[:40]!a}")


def _only_one(bundle: Json, findings: Findings) -> Json | None:
    entries = bundle.get("entry")
    held = [
        entry["resource"]
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
        and isinstance(entry.get("resource"), dict)
        and entry["resource"].get("resourceType") == "Questionnaire"
    ]
    if len(held) == 1:
        findings.note("Bundle", "only the Questionnaire in it is brought in")
        return held[0]
    findings.refuse(
        "Bundle", f"it holds {len(held)} Questionnaires", "Bring them one by one."
    )
    return None


def _is_other_release(found: Json, findings: Findings) -> bool:
    told = _told_release(found)
    signs = [(key, "R5") for key in _R5 if key in found]
    signs += [sign for path, item in items_of(found) for sign in _signs(path, item)]
    if told in ("R5", "STU3", "DSTU2"):
        signs.insert(0, ("meta.profile", told))
    for where, release in signs[:20]:
        findings.refuse(where, f"this is FHIR {release}, given as R4", _SAVE)
    return bool(signs)


def _told_release(found: Json) -> str:
    meta = found.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    told = [found.get("fhirVersion"), *(profiles if isinstance(profiles, list) else [])]
    for text in told:
        if not isinstance(text, str):
            continue
        for start, release in _RELEASES.items():
            in_address = f"/{release.upper()}/" in text.upper() or f"/{start}" in text
            if text is told[0] and text.startswith(start) or in_address:
                return release
    return ""


def _signs(path: str, item: Json) -> Iterator[tuple[str, str]]:
    yield from ((f"{path}.{key}", "R5") for key in _R5_ITEM if key in item)
    yield from ((f"{path}.{key}", "STU3") for key in _STU3_ITEM if key in item)
    if item.get("type") == "coding":
        yield f"{path}.type", "R5"
    conditions = item.get("enableWhen")
    for place, each in enumerate(conditions if isinstance(conditions, list) else []):
        if isinstance(each, dict) and "hasAnswer" in each:
            yield f"{path}.enableWhen[{place}].hasAnswer", "STU3"


def items_of(held: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every item with its path, however it is nested."""
    items = held.get("item")
    for place, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            here = f"{path}item[{place}]"
            yield here, item
            yield from items_of(item, f"{here}.")
