"""A FHIR R4 Questionnaire becomes a definition; what does not fit is named. Pure.

Nothing is dropped silently: what cannot be asked is refused, and what is asked but not
wholly kept is noted, each by its link id or its path.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from outcomes.instruments import brought
from outcomes.instruments.brought import (
    LONGEST_KEY,
    LONGEST_TITLE,
    NONE_OF_THESE,
    Brought,
    clean,
    key_of,
)
from outcomes.instruments.definition import BOXES
from outcomes.instruments.fhir import document, extensions, scores
from outcomes.instruments.fhir.conditions import Conditions
from outcomes.instruments.fhir.items import Items
from outcomes.instruments.fhir.options import Options
from outcomes.instruments.fhir.words import Words, language_of
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]
# Of the whole; what else stands there is named.
_READ = {
    *("resourceType", "id", "meta", "url", "version", "name", "title", "_title"),
    *("status", "date", "publisher", "contact", "description", "purpose", "copyright"),
    *("language", "contained", "item", "text", "subjectType", "implicitRules"),
    *("experimental", "approvalDate", "lastReviewDate", "effectivePeriod", "code"),
    *("identifier", "extension", "jurisdiction", "useContext", "derivedFrom"),
    *("modifierExtension", "fhirVersion"),
}


def read(content: bytes, *, key: str = "") -> Brought:
    """Version 1 of it; publishing counts on from the clinic's own versions."""
    findings = Findings()
    told = document.read(content, findings)
    if told is None:
        return Brought(None, tuple(findings))
    base = language_of(told.get("language"))
    if not base:
        base = "en"
        findings.note("language", "it says no language, so English is taken")
    words = Words(base, findings)
    options = Options(_contained(told), words, findings)
    items = Items(words, options, findings)
    read_items = items.read(told)
    conditions = Conditions(items.known, findings)
    for link_id, item in items.told.items():
        conditions.read(item, items.known[link_id])
    brought.without_loops(read_items, findings)
    brought.without_rings(items.known, findings)
    _name_unread(told, findings)
    whole: Content = {
        "title": _title(told, words, findings),
        "items": read_items,
        **_about(told),
    }
    whole["languages"] = words.languages([whole["title"], read_items])
    for item in brought.walk(read_items):
        if item["type"] == BOXES and "none" not in item:
            item["none"] = _none_of_these(whole["languages"])
    suggested = scores.of(items.known, findings) + [
        score
        for each in items.scores
        if (score := scores.written(each, items.known, findings))
    ]
    return brought.finished(
        {"key": _key(told, key), "version": 1, **whole},
        findings,
        suggested,
    )


def _none_of_these(languages: Iterable[str]) -> dict[str, str]:
    return {each: NONE_OF_THESE.get(each, NONE_OF_THESE["en"]) for each in languages}


def _contained(told: Json) -> dict[str, Any]:
    listed = told.get("contained")
    return {
        each["id"]: each
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    }


def _key(told: Json, key: str) -> str:
    names = (key, told.get("name"), told.get("id"), told.get("title"))
    found = [key_of(name) for name in names if isinstance(name, str)]
    return next((name for name in found if name), "questionnaire")[:LONGEST_KEY]


def _title(told: Json, words: Words, findings: Findings) -> dict[str, str]:
    for name in ("title", "name", "id"):
        found = words.read(told, name, name)
        if found:
            break
    else:
        findings.note("title", "it has none", "Give it one that staff know it by.")
        found = words.read({"title": "Questionnaire"}, "title", "title")
    for language, text in found.items():
        if language and len(text) > LONGEST_TITLE:
            findings.note("title", f"it is cut to {LONGEST_TITLE} characters")
            found[language] = text[:LONGEST_TITLE].strip()
    return found


def _about(told: Json) -> dict[str, str]:
    names = {"copyright": "copyright", "url": "url"}
    return {
        name: clean(told.get(key))
        for name, key in names.items()
        if clean(told.get(key))
    }


def _name_unread(told: Json, findings: Findings) -> None:
    if "modifierExtension" in told or "implicitRules" in told:
        findings.refuse(
            "Questionnaire", "a modifierExtension changes what it means", "Take it out."
        )
    if told.get("derivedFrom"):
        findings.refuse(
            "derivedFrom",
            "it is derived from another Questionnaire, which is not in this file",
        )
    for key in told:
        if key not in _READ and not key.startswith("_"):
            findings.note(key, "it is not used")
    for extension in extensions.of(told):
        findings.note(
            "Questionnaire", f"the extension {extension.get('url')} is not used"
        )
    if told.get("version"):
        findings.note(
            "version", f"theirs is {told['version']}; here versions are counted from 1"
        )
