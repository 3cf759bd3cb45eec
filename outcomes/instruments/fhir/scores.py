"""What a Questionnaire reckons, as scores that a clinic may take over. Pure."""

from collections.abc import Mapping
from typing import Any

from outcomes.instruments import formulas
from outcomes.instruments.brought import LONGEST_TITLE, clean, key_of, number, plain
from outcomes.instruments.definition import DISPLAY
from outcomes.instruments.fhir import addresses, extensions
from outcomes.instruments.fhir.score_writing import PREFIX
from outcomes.instruments.findings import Findings

Json = Mapping[str, Any]
Content = dict[str, Any]


def is_one(told: Json) -> bool:
    """Whether an item is a score of ours, which nobody is asked."""
    return extensions.value(told, addresses.SCORE, "valueInteger") is not None


def expression_of(told: Json) -> str:
    """The calculatedExpression in FHIRPath; empty where it is in another language."""
    held = extensions.value(told, addresses.CALCULATED, "valueExpression")
    expression = held.get("expression") if isinstance(held, dict) else None
    language = held.get("language") if isinstance(held, dict) else None
    is_known = language in ("text/fhirpath", None)
    return expression if isinstance(expression, str) and is_known else ""


def of(items: Mapping[str, Content], findings: Findings) -> list[Content]:
    """One for each calculated item that no other one is made of."""
    reckoned = {name: item for name, item in items.items() if item.get("formula")}
    used = {
        name
        for item in reckoned.values()
        for name in formulas.questions_in(item["formula"], reckoned)
    }
    return [
        _score(name, item)
        for name, item in reckoned.items()
        if name not in used and _is_made(name, item["formula"], items, findings)
    ]


def _is_made(
    name: str, expression: str, items: Mapping[str, Content], findings: Findings
) -> bool:
    named = formulas.questions_in(expression, items)
    is_so = any(items[each]["type"] != DISPLAY for each in named)
    if not is_so:
        findings.refuse(name, "its calculation names no question of this file")
    return is_so


def _score(name: str, item: Content) -> Content:
    text = next((words for key, words in item.get("text", {}).items()), name)
    known: Content = {key: item[key] for key in ("minimum", "maximum") if key in item}
    return {
        "key": key_of(name) or "score",
        "name": text[:LONGEST_TITLE],
        "method": "formula",
        "formula": item["formula"],
        **known,
    }


def written(told: Json, items: Mapping[str, Content], findings: Findings) -> Content:
    """A score of ours, as `score_writing` writes it; empty where it cannot be read."""
    name = clean(told.get("linkId")).removeprefix(PREFIX)
    expression = expression_of(told)
    fault = formulas.fault(expression) if expression else "it is not in text/fhirpath"
    if fault:
        findings.refuse(name or "score", f"its calculation: {fault}")
    if fault or not _is_made(name or "score", expression, items, findings):
        return {}
    found: Content = {
        "key": key_of(name) or "score",
        "name": clean(told.get("text"))[:LONGEST_TITLE] or name,
        "method": "formula",
        "formula": expression,
    }
    for key, address, least in (
        ("minimum", addresses.LEAST, None),
        ("maximum", addresses.MOST, None),
        ("decimals", addresses.DECIMALS, 4),
        ("at_least", addresses.SCORE, 500),
    ):
        value = number(extensions.value(told, address, "valueInteger", "valueDecimal"))
        if value is None:
            continue
        found[key] = plain(value) if least is None else min(max(int(value), 0), least)
    return found
