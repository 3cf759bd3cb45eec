"""A questionnaire that a clinic brings, as it was read from a file. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.reference_data import Entry, ReferenceDataError
from outcomes.instruments import answers, fitting, formulas, reading
from outcomes.instruments.definition import InstrumentDefinition
from outcomes.instruments.findings import Finding, Findings

LARGEST = 2 * 1024 * 1024
MOST_ITEMS = 500
# What the database has room for.
LONGEST_LINK_ID, LONGEST_TITLE, LONGEST_KEY = 60, 120, 40
LONGEST_TEXT = 4000
MOST_DIGITS = 9
NONE_OF_THESE = {"en": "None of these", "es": "Ninguna de estas"}
NOBODY = "Nothing was brought in."


@dataclass(frozen=True, slots=True)
class Brought:
    """`definition` is None where nothing could be made of the file.

    `scores` are suggestions, as outcomes.instruments.own_scores reads them: the file
    rarely says which way is better.
    """

    definition: InstrumentDefinition | None
    findings: tuple[Finding, ...]
    scores: tuple[Mapping[str, Any], ...] = ()

    @property
    def refusals(self) -> list[Finding]:
        return [each for each in self.findings if each.is_refusal]

    @property
    def notices(self) -> list[Finding]:
        return [each for each in self.findings if not each.is_refusal]


def finished(
    content: dict[str, Any], findings: Findings, scores: Sequence[Mapping[str, Any]]
) -> Brought:
    """The definition, if its parts fit together; else what does not."""
    if not content.get("items"):
        findings.refuse("item", "there is no question that can be asked")
        return Brought(None, tuple(findings))
    try:
        definition = reading.instrument(Entry("questionnaire", content))
    except ReferenceDataError as error:
        # Else the item at fault has been named already.
        if not findings.is_refused:
            findings.refuse("questionnaire", str(error).rstrip("."))
        return Brought(None, tuple(findings))
    _check_beginnings(definition, findings)
    return Brought(definition, tuple(findings), tuple(scores))


def _check_beginnings(definition: InstrumentDefinition, findings: Findings) -> None:
    """What is chosen beforehand must be what a patient could answer."""
    for item in definition.walk():
        if item.initial:
            try:
                answers.read(item, [item.initial])
            except answers.AnswerError:
                findings.refuse(
                    item.link_id,
                    f"{item.initial} is chosen beforehand, but is no answer to it",
                )


def without_loops(items: Sequence[dict[str, Any]], findings: Findings) -> None:
    """Names each question that hangs on its own answer, and unties it."""
    every = {item["link_id"]: item for item in walk(items)}
    hangs_on = {name: fitting.named(item) for name, item in every.items()}
    for name, item in every.items():
        for part in item.get("items", ()):
            # What stands in it is asked only if it is.
            hangs_on[part["link_id"]].add(name)
    for name, item in every.items():
        if "enable_when" in item and name in _ahead(name, hangs_on):
            findings.refuse(
                name,
                "its condition hangs on its own answer, over the questions it hangs on",
                "Take one of these conditions out.",
            )
            item.pop("enable_when")
            hangs_on[name] = set()


def without_rings(items: Mapping[str, dict[str, Any]], findings: Findings) -> None:
    """Names each calculation that is made of its own result, and takes it out."""
    reckoned = {name: item for name, item in items.items() if item.get("formula")}
    made_of = {
        name: set(formulas.questions_in(item["formula"], reckoned))
        for name, item in reckoned.items()
    }
    for name in [each for each in made_of if each in _ahead(each, made_of)]:
        findings.refuse(
            name,
            "its calculation is made of its own result, over what it is made of",
            "Take one of these calculations out.",
        )
        del items[name]["formula"]


def _ahead(name: str, hangs_on: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(hangs_on[name])
    while ahead:
        each = ahead.pop()
        if each not in seen:
            seen.add(each)
            ahead += hangs_on.get(each, set())
    return seen


def walk(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for item in items:
        found += [item, *walk(item.get("items", ()))]
    return found


def clean(text: object) -> str:
    """A text as patients may see it: without what hides or turns writing around."""
    if not isinstance(text, str):
        return ""
    kept = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    return answers.visible(kept)[:LONGEST_TEXT]


def is_name(text: object) -> bool:
    """Whether it can be a link id or a code."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= LONGEST_LINK_ID
        and text.isprintable()
        and text == text.strip()
    )


def number(value: object) -> Decimal | None:
    """One that can be kept and counted with; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    if not found.is_finite() or found and not -7 < found.adjusted() < MOST_DIGITS:
        return None
    return found if found.as_tuple().exponent >= -6 else round(found, 6)  # type: ignore[operator]


def plain(value: Decimal) -> str:
    """As stored definitions spell it."""
    whole = value.to_integral_value()
    return f"{whole if whole == value else value.normalize():f}"


def key_of(text: str) -> str:
    """A key made of a title or a name; empty where nothing of it can stand in one."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")[:LONGEST_KEY]
