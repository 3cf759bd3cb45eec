"""What a clinic usually does: the last of a kind, as a guess for the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

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
    """`values` are settings, a guess for the next; `offered` was decided for one
    patient, and counts for another once somebody takes it over.
    """

    values: dict[str, Any]
    offered: dict[str, Any]
    lots: tuple[Lot, ...]
    on: date
    is_own: bool


def kind_of(intervention: Intervention) -> str:
    return intervention.kind or KINDS.get(intervention.modality, "")


def find(intervention: Intervention, *, user: User) -> Usual | None:
    """From the operator's own last of the same kind, else the clinic's; two or three
    queries. Where the kind is open it is the last of the same step of the protocol.

    Nothing is taken of what was measured of that patient.
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
    elif intervention.is_needle:
        done = done.filter(of_the_same_step(intervention))
    own = described(done.filter(performed_by=user)[:REACH], intervention.modality)
    last = own or described(done[:REACH], intervention.modality)
    if last is None or last.performed_on is None:
        return None
    values = values_of(last)
    offered = {f.column for f in catalogue.fields_of(last.modality) if f.is_offered}
    return Usual(
        values={k: v for k, v in values.items() if k not in offered},
        offered={k: v for k, v in values.items() if k in offered},
        lots=lots_of(last),
        on=last.performed_on,
        is_own=own is not None,
    )


def of_the_same_step(intervention: Intervention) -> Q:
    """In whatever version of the protocol; nothing where it follows no step."""
    step, protocol = intervention.step, intervention.plan.protocol
    if step is None or protocol is None:
        return Q(pk=None)
    return Q(step__key=step.key, plan__protocol__key=protocol.key)


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
