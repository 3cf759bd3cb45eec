"""What an intervention used, by lot and name, as rows that are found again."""

from datetime import date
from typing import cast

from django.db.models import CharField

from plans.harm import labels
from plans.models import Intervention, LotUse


def made(
    intervention: Intervention,
    *,
    kind: str = LotUse.Kind.KIT,
    name: str = "",
    lot: str = "",
    expires_on: date | None = None,
) -> LotUse:
    """Unsaved, as its label says, with the keys by which it is searched."""
    return LotUse(
        clinic_id=intervention.clinic_id,
        intervention=intervention,
        kind=kind,
        name=" ".join(name.split()),
        lot=" ".join(lot.split()),
        expires_on=expires_on,
        name_key=searched(name, "name_key"),
        lot_key=searched(lot, "lot_key"),
    )


def searched(text: str, column: str) -> str:
    """The key cut to what its column holds: folding can make a text longer."""
    field = cast(CharField, LotUse._meta.get_field(column))
    return labels.key_of(text)[: field.max_length]
