"""Counts that a kit promised, so that none of them passes for one that was measured."""

from collections.abc import Mapping
from decimal import Decimal

from plans.models import Intervention, Modality, PRPTreatment
from plans.procedures import catalogue
from plans.procedures.prp import classes

# How many of the clinic's last ones with assumed counts are looked at.
REACH = 50


def beside(
    intervention: Intervention, values: Mapping[str, object]
) -> dict[str, set[Decimal]]:
    """By column what was assumed lately, of this one too as it stands; nothing where
    `values` say of no count that it was measured.
    """
    if values.get("count_source") != classes.MEASURED:
        return {}
    names = columns()
    assumed = PRPTreatment.objects.filter(count_source=classes.KIT_DEFAULT)
    lately = assumed.filter(clinic=intervention.clinic_id).order_by(
        "-intervention__performed_on", "-pk"
    )
    rows = [
        *lately.values_list(*names)[:REACH],
        *assumed.filter(intervention=intervention).values_list(*names),
    ]
    return {
        name: {number for number in numbers if number is not None}
        for name, numbers in zip(names, zip(*rows, strict=True), strict=False)
    }


def columns() -> list[str]:
    """The counts that are taken for usual while they are a kit's."""
    return [
        field.column
        for field in catalogue.by_column(Modality.PRP).values()
        if field.is_count and field.usual_if is not None
    ]
