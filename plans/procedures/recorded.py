"""What stands recorded of an intervention, by column."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from clinic import clock
from plans.models import Intervention, LotUse, Plan
from plans.procedures import completeness, details
from plans.procedures.completeness import Completeness

DETAILS = tuple(details.MODELS)


def with_details(rows: QuerySet[Intervention]) -> QuerySet[Intervention]:
    """Two queries whatever the number: the details come with the row, then the lots."""
    related = rows.select_related(
        "clinic",
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
    return {
        **details.stored(intervention),
        "device_lot": has_lot or None,
        "was_stopped": "yes" if was_stopped(intervention) else "no",
    }


def was_stopped(intervention: Intervention) -> bool:
    """Whether a course of therapy ended early: its plan was stopped, and not all of
    the sessions prescribed had been attended.
    """
    therapy = details.row_of(intervention, "therapy")
    prescribed = getattr(therapy, "sessions_prescribed", None)
    attended = getattr(therapy, "sessions_attended", None) or 0
    is_through = prescribed is not None and attended >= prescribed
    return intervention.plan.status == Plan.Status.STOPPED and not is_through


def completeness_of(
    intervention: Intervention, values: dict[str, Any] | None = None
) -> Completeness:
    """As it stands on the clinic's day; `values` where they are read already."""
    return completeness.of(
        intervention.modality,
        values_of(intervention) if values is None else values,
        performed_on=intervention.performed_on,
        today=clock.today(intervention.clinic.zone),
        fields=details.fields_of(intervention),
    )
