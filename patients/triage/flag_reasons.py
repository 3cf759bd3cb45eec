"""From recorded findings to the red flags that they raise, in words. Pure.

Each reason is empty where nothing raises its flag. Where a clinician has dated how it
long was, and it is said to be so still, only a change counts.
"""

from collections.abc import Collection, Mapping

from patients.catalogue import findings, places
from patients.triage import origin_items, red_flags
from patients.triage.origin_items import Cell

Values = Mapping[Cell, str]
RESIDUAL: Cell = ("residual_volume", "none")


def retention(values: Values, earlier: Mapping[Cell, int]) -> str:
    """RF02: how much is left after voiding."""
    now = values.get(RESIDUAL)
    return red_flags.retention_reason(
        earlier.get(RESIDUAL),
        None if now is None else int(now),
        is_known=is_as_dated("RF02", values),
    )


def legs(values: Values) -> set[str]:
    """The sides into which the pain of this sheet is said to radiate."""
    sides = origin_items.SIDES
    return {s for s in sides if values.get(("radiating_pain", s)) == findings.PRESENT}


def both_legs(values: Values, elsewhere: Collection[str]) -> str:
    """RF05: pain here and, with it or elsewhere, on the other side."""
    here = legs(values)
    if is_as_dated("RF05", values):
        return ""
    if here and here.union(elsewhere) == set(origin_items.SIDES):
        return "pain radiates into both legs"
    return ""


def weakness(values: Values, earlier: Mapping[Cell, int]) -> str:
    """RF06: what is said of it, and grades of strength."""
    is_known = is_as_dated("RF06", values)
    codes = ("weakness", "foot_drop", "arm_weakness")
    reasons = [
        f"{findings.definitions()[code].label.lower()}, {side}"
        for code in codes
        for side in origin_items.SIDES
        if values.get((code, side)) == findings.PRESENT
        if not (is_known and _was_so(code, side, earlier))
    ]
    reasons += red_flags.strength_reasons(earlier, grades(values), is_known=is_known)
    return "; ".join(reasons)


def _was_so(code: str, side: str, earlier: Mapping[Cell, int]) -> bool:
    """An examined foot drop is a known one only where the foot was weak before."""
    lift = earlier.get(("ankle_dorsiflexion", side))
    return code != "foot_drop" or (lift is not None and lift <= red_flags.WEAK_GRADE)


def grades(values: Values) -> dict[Cell, int]:
    """MRC grades by muscle and side."""
    known = findings.definitions()
    return {
        cell: int(value)
        for cell, value in values.items()
        if cell[0] in known and known[cell[0]].kind == findings.Kind.GRADE
    }


def cord(values: Values, site: str) -> str:
    """RF07: signs of the spinal cord; `site` is where it hurts, empty if not known."""
    return "; ".join(filter(None, (_central(values), _unsteady(values, site))))


def _central(values: Values) -> str:
    signs = origin_items.central_signs(values)
    known = findings.definitions()
    return "; ".join(
        f"{known[code].label.lower()} {side}: {known[code].words(values[code, side])}"
        for code, side in signs
    )


def _unsteady(values: Values, site: str) -> str:
    """An unsteady gait (RF07) with pain of the neck or the middle back.

    Where the lumbar checklist stands it is a sign of stenosis first (L34, SURI2010),
    so that the checklist prompts for the cord and nothing is raised.
    """
    is_wide = values.get(("wide_gait", "none")) == findings.PRESENT
    known = places.body_sites().get(site)
    if not is_wide or known is None or not known.is_spine:
        return ""
    return "" if findings.has_checklist(site) else "wide-based gait"


def is_as_dated(flag: str, values: Values) -> bool:
    return values.get((flag, "none")) == findings.UNCHANGED
