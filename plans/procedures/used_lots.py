"""The kits, devices and drugs that an intervention used, as their labels say."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from plans.harm import lots
from plans.models import Intervention, LotUse

FIELD = "lots"
MOST = 12


@dataclass(frozen=True, slots=True)
class Lot:
    """One label as it was read."""

    kind: str
    name: str = ""
    lot: str = ""
    expires_on: date | None = None


def replace(
    intervention: Intervention, given: Sequence[Lot] | None
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What was recorded before, and now; None changes nothing.

    A row that was a slip goes: whoever recalls a lot must not be led to a patient who
    never had it. The audit keeps what it said.
    """
    held = list(intervention.lots.all())
    before = [as_facts(row) for row in held]
    if given is None:
        return before, before
    if len(given) > MOST:
        raise ValidationError({FIELD: f"Record {MOST} lots at most."})
    rows = [_row(intervention, lot) for lot in given]
    after = [as_facts(row) for row in rows]
    for row in _more(held, rows):
        row.delete()
    for row in _more(rows, held):
        row.save()
    return before, after


def _more(rows: Sequence[LotUse], others: Sequence[LotUse]) -> list[LotUse]:
    """Those that the others do not have; a label that was used twice counts twice."""
    left = Counter(tuple(as_facts(row).values()) for row in others)
    more = []
    for row in rows:
        facts = tuple(as_facts(row).values())
        if left[facts]:
            left[facts] -= 1
        else:
            more.append(row)
    return more


def as_facts(row: LotUse) -> dict[str, str]:
    expires_on = row.expires_on.isoformat() if row.expires_on else ""
    return {
        "kind": row.kind,
        "name": row.name,
        "lot": row.lot,
        "expires_on": expires_on,
    }


def _row(intervention: Intervention, lot: Lot) -> LotUse:
    row = lots.made(intervention, **dataclasses.asdict(lot))
    if not row.name and not row.lot:
        raise ValidationError({FIELD: "Give a name or a lot number for each label."})
    try:
        row.full_clean(exclude=["intervention", "clinic"])
    except ValidationError as error:
        said = [f"{name}: {words[0]}" for name, words in error.message_dict.items()]
        raise ValidationError({FIELD: said}) from error
    return row
