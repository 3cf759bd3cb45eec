"""The lumbar-origin checklist of an evaluation: what counted, and on what.

Transparent and unvalidated: staff see every item with its points, figure and limits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from patients.catalogue import findings, origin_rules
from patients.catalogue.origin_rules import OriginRule
from patients.models import Evaluation, RedFlag
from patients.models.patient import years_between
from patients.triage import origin, origin_gaps, origin_items
from patients.triage.origin import Group
from patients.triage.origin_items import Cell, Items


@dataclass(frozen=True, slots=True)
class Line:
    """One item that was met: its points, and the findings it rests on, in words."""

    rule: OriginRule
    basis: str
    is_counted: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """flags_to_check stand even while it is shut; remarks give and take no points."""

    side: str
    result: origin.Result
    lines: tuple[Line, ...]
    flags_to_check: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def lumbar_groups(self) -> list[Group]:
        return [group for group in self.result.lumbar_groups if group.items]

    @property
    def other_groups(self) -> list[Group]:
        return [group for group in self.result.other_groups if group.items]


def of_evaluation(
    evaluation: Evaluation, values: Mapping[Cell, str], raised: Iterable[RedFlag]
) -> list[Checklist]:
    """None for a site that it is not about; shut while an urgent flag is open."""
    complaint = evaluation.complaint
    if not findings.has_checklist(complaint.pain_site):
        return []
    born = complaint.patient.birth_date
    age = years_between(born, evaluation.examined_on) if born else None
    is_gated = any(flag.is_gate for flag in raised)
    return of_complaint(values, complaint.side, age, is_gated=is_gated)


def of_complaint(
    values: Mapping[Cell, str], side: str, age: int | None, *, is_gated: bool
) -> list[Checklist]:
    """For the painful side; for pain without a side, one for each leg."""
    sides = (side,) if side in origin_items.SIDES else origin_items.SIDES
    return [of_side(values, each, age, is_gated=is_gated) for each in sides]


def of_side(
    values: Mapping[Cell, str], side: str, age: int | None, *, is_gated: bool
) -> Checklist:
    items = origin_items.items_of(values, side, age)
    picture = origin_items.Picture(values, side, age)
    result = origin.score(
        items.present,
        items.core_recorded,
        is_gated=is_gated,
        to_answer=origin_gaps.to_answer(picture),
    )
    lines = tuple(
        _line(rule, items, values, result)
        for key, rule in origin_rules.rules().items()
        if key in items.present
    )
    return Checklist(
        side,
        result,
        lines,
        flags_to_check=origin_gaps.flags_to_check(picture),
        remarks=origin_gaps.remarks(picture),
    )


def _line(
    rule: OriginRule, items: Items, values: Mapping[Cell, str], result: origin.Result
) -> Line:
    why_not = result.not_counted.get(rule.key, "")
    basis = items.verdicts[rule.key].basis
    return Line(rule, basis_in_words(basis, values), not why_not, why_not)


def basis_in_words(basis: tuple[Cell, ...], values: Mapping[Cell, str]) -> str:
    """Such as "Ankle jerk left: 1 reduced; Ankle jerk right: 2 normal"."""
    return "; ".join(
        _finding_in_words(cell, values[cell]) for cell in basis if cell in values
    )


def _finding_in_words(cell: Cell, value: str) -> str:
    code, side = cell
    known = findings.definitions()[code]
    where = f" {side}" if side != "none" else ""
    return f"{known.label}{where}: {known.words(value)}"
