"""What stands recorded of an intervention, by column."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from plans.models import Intervention, LotUse
from plans.procedures import completeness, details
from plans.procedures.completeness import Completeness

DETAILS = tuple(details.MODELS)


def with_details(rows: QuerySet[Intervention]) -> QuerySet[Intervention]:
    """Two queries whatever the number: the details come with the row, then the lots."""
    related = rows.select_related(
        "plan",
        "step",
        "performed_by",
        "indication",
        "procedure__consent",
        *(table for table in DETAILS if table != "procedure"),
    )
    return related.prefetch_related(Prefetch("lots", LotUse.objects.order_by("pk")))


def values_of(intervention: Intervention) -> dict[str, Any]:
    """By column; a label counts as the lot only where it says a lot."""
    has_lot = any(row.lot for row in intervention.lots.all())
    return {**details.stored(intervention), "device_lot": has_lot or None}


def completeness_of(intervention: Intervention) -> Completeness:
    return completeness.of(intervention.modality, values_of(intervention))
