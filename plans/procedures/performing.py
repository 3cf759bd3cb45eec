"""Done, and what exactly was done, in one step."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from clinic.audit import By
from plans.course import interventions
from plans.models import Intervention
from plans.procedures import details
from plans.procedures.details import Values
from plans.procedures.used_lots import Lot


@transaction.atomic
def perform_with_details(
    intervention: Intervention,
    *,
    performed_on: date,
    by: By,
    values: Values | None = None,
    lots: Sequence[Lot] | None = None,
    checked: bool = False,
    caution_reasons: Mapping[str, str] | None = None,
) -> Intervention:
    """Both or neither: what makes no sense leaves the intervention planned."""

    def describe(done: Intervention) -> None:
        details.record(
            done,
            values=values or {},
            lots=lots,
            by=by,
            checked=checked,
            weighs=False,
        )

    return interventions.perform(
        intervention,
        performed_on=performed_on,
        by=by,
        caution_reasons=caution_reasons,
        describe=describe,
    )
