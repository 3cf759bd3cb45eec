"""What follows from what was recorded; kept nowhere, so that it cannot go stale."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Sum

from plans.models import Intervention

YEAR = timedelta(days=365)


def relief_percent(before: int | None, after: int | None) -> Decimal | None:
    """(before - after) / before; undefined where there was no pain before.

    Blocks are read with cut-offs of 50 % and of 80 % (SIS_RECALL): the number is
    shown, and no verdict.
    """
    if before is None or after is None or before == 0:
        return None
    return Decimal(before - after) / before * 100


def body_mass_index(
    weight_kg: Decimal | None, height_cm: Decimal | None
) -> Decimal | None:
    """kg/m2 (HL7_BMI)."""
    if weight_kg is None or not height_cm:
        return None
    return weight_kg / (height_cm / 100) ** 2


def change_percent(first: Decimal | None, value: Decimal | None) -> Decimal | None:
    if first is None or value is None or not first:
        return None
    return (value - first) / first * 100


def steroid_of_a_year(intervention: Intervention) -> Decimal | None:
    """Milligrams in the 12 months to this day, for whatever complaint; one query.

    Agents differ in strength: the sum is shown beside their names, not judged.
    """
    if intervention.performed_on is None:
        return None
    done = Intervention.objects.filter(
        plan__complaint__patient=intervention.audit_subject,
        status=Intervention.Status.PERFORMED,
        performed_on__gt=intervention.performed_on - YEAR,
        performed_on__lte=intervention.performed_on,
    )
    total: Decimal | None = done.aggregate(mg=Sum("injection__steroid_mg"))["mg"]
    return total


def nucleated_cells(
    tnc_per_ml: Decimal | None, injected_ml: Decimal | None
) -> Decimal | None:
    """In units of 10^8: millions per mL times mL, by a hundred (CENTENO2015)."""
    if tnc_per_ml is None or not injected_ml:
        return None
    return tnc_per_ml * injected_ml / 100
