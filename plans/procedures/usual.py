"""What a clinic usually does: the last of a kind, as a guess for the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.models import User
from plans.models import Intervention, LotUse
from plans.procedures import catalogue, details
from plans.procedures.conditions import EMPTY
from plans.procedures.used_lots import Lot

# How far back one with details is looked for.
REACH = 20
# What a modality mostly is, where the protocol did not say.
KINDS = {
    "prp": "prp_injection",
    "bone_marrow_concentrate": "bone_marrow_concentrate_injection",
}
# Read from a label each time: a wrong number leads a recall astray.
NAMED_AGAIN = (
    LotUse.Kind.KIT,
    LotUse.Kind.CENTRIFUGE,
    LotUse.Kind.CONCENTRATOR,
    LotUse.Kind.DRUG,
)


@dataclass(frozen=True, slots=True)
class Usual:
    values: dict[str, Any]
    lots: tuple[Lot, ...]
    on: date
    is_own: bool


def kind_of(intervention: Intervention) -> str:
    return intervention.kind or KINDS.get(intervention.modality, "")


def find(intervention: Intervention, *, user: User) -> Usual | None:
    """From the operator's own last, else the clinic's; two or three queries.

    Only settings are taken, none of what was measured of that patient.
    """
    done = (
        Intervention.objects.visible_to(user)
        .filter(modality=intervention.modality, status=Intervention.Status.PERFORMED)
        .exclude(pk=intervention.pk)
        .select_related(*catalogue.tables_of(intervention.modality))
        .order_by("-performed_on", "-pk")
    )
    if kind := kind_of(intervention):
        done = done.filter(kind=kind)
    own = described(done.filter(performed_by=user)[:REACH], intervention.modality)
    last = own or described(done[:REACH], intervention.modality)
    if last is None or last.performed_on is None:
        return None
    return Usual(
        values=values_of(last),
        lots=lots_of(last),
        on=last.performed_on,
        is_own=own is not None,
    )


def described(rows: Iterable[Intervention], modality: str) -> Intervention | None:
    """The first that has details of its modality."""
    tables = catalogue.tables_of(modality)
    for row in rows:
        if tables and details.row_of(row, tables[-1]) is not None:
            return row
    return None


def values_of(last: Intervention) -> dict[str, Any]:
    stored = details.stored(last)
    return {
        field.column: stored[field.column]
        for field in catalogue.fields_of(last.modality)
        if field.usual_if is not None
        and stored.get(field.column) not in EMPTY
        and field.usual_if.holds(stored)
    }


def lots_of(last: Intervention) -> tuple[Lot, ...]:
    return tuple(
        Lot(kind=row.kind, name=row.name)
        for row in last.lots.all()
        if row.kind in NAMED_AGAIN and row.name
    )
