"""What the form of a draft calls its parts, and what is wrong in those words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plans.protocols.problems import Problem

# The heading, what one row is called, and what is said below the heading.
SECTIONS = {
    "steps": (
        "What is done",
        "step",
        "Days count from the plan’s start, or from the last repeat of the step it "
        "comes after. A short name that is left empty is made from the title.",
    ),
    "timepoints": (
        "When the patient is asked",
        "time point",
        "Days count from day 0; minus is before. The window includes both its ends. "
        "Sources are named by keys, with commas; they stand below.",
    ),
    "goals": ("What is aimed at", "goal", "The day counts from day 0."),
    "rungs": (
        "How a silent patient is reminded",
        "reminder",
        "Days after the patient was asked; of the three-tap rescue, days before the "
        "window closes. What does not fit the window falls away.",
    ),
}
LABELS = {
    "key": "Short name",
    "title": "Title",
    "modality": "Kind of treatment",
    "condition": "Written for",
    "summary": "Summary",
    "anchor": "Day 0 is",
    "sources": "Sources",
    "yearly_until": "Then ask every year, until year (0: not at all)",
    "kind": "More exactly",
    "after": "Comes after",
    "offset_days": "Day",
    "repeats": "Times",
    "every_days": "Days between",
    "who": "Who",
    "is_index": "Day 0 of the follow-up",
    "detail": "What to do and record",
    "label": "Name",
    "open_day": "Opens on day",
    "close_day": "Closes on day",
    "ask_day": "Asked on day",
    "is_baseline": "Baseline",
    "is_safety": "Safety check",
    "measures": "Asks for",
    "optional_measures": "And, if wanted",
    "purpose": "Purpose",
    "grounding": "Why then",
    "status": "How sure",
    "measure": "Measure",
    "comparison": "Target is",
    "target": "Value",
    "by_day": "By day",
    "words": "In words",
    "channel": "By",
    "after_days": "After days",
}
RESCUE_LABEL = "Days before it closes"


@dataclass(frozen=True, slots=True)
class Fault:
    """`target` is the place of the page that it is about."""

    words: str
    target: str


def label(name: str, row: Mapping[str, Any]) -> str:
    if name == "after_days" and row.get("channel") == "rescue":
        return RESCUE_LABEL
    return LABELS.get(name, name)


def fault(problem: Problem, content: Mapping[str, Any]) -> Fault:
    """`content` is the document that it was found in, as it was typed."""
    section, number = problem.section, problem.number
    if not section:
        named = [label(problem.field, {})] if problem.field else []
        return Fault(_said(named, problem), f"id_{problem.field}")
    title, one, _ = SECTIONS[section]
    if not number:
        return Fault(_said([title], problem), section)
    rows = content.get(section) or [{}] * number
    named = [f"{one.capitalize()} {number}"]
    if problem.field:
        name = label(problem.field, rows[number - 1])
        named.append(name[0].lower() + name[1:])
    return Fault(_said(named, problem), f"{section}-{problem.row}")


def _said(named: list[str], problem: Problem) -> str:
    place = ", ".join(named)
    return f"{place}: {problem.words}" if place else problem.words
