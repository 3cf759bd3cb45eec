"""How a change of habits goes: measured again and again."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic import audit, clock
from patients.models.patient import validate_lived, validate_past
from plans.models import Intervention, LifestyleMeasurement, Modality
from plans.procedures import catalogue, checks, details
from plans.procedures.conditions import EMPTY
from plans.procedures.details import By


@transaction.atomic
def measure(
    intervention: Intervention,
    *,
    measured_on: date,
    values: Mapping[str, Any],
    by: By,
    checked: bool = False,
) -> LifestyleMeasurement:
    """How it stands on a day; the same day again is a correction of what is named.

    `checked`: somebody has looked again at what is odd.
    """
    details.hold(intervention)
    if intervention.modality != Modality.LIFESTYLE:
        raise ValidationError("Only a change of lifestyle is measured here.")
    details.check_open(intervention)
    patient = intervention.plan.complaint.patient
    validate_past("measured_on", measured_on, clock.today(patient.time_zone))
    validate_lived("measured_on", measured_on, patient)
    row = LifestyleMeasurement.objects.filter(
        intervention=intervention, measured_on=measured_on
    ).first()
    before = stored(row)
    check(before, values)
    if not checked:
        check_weight(intervention, measured_on, values.get("weight_kg"))
    row = row or LifestyleMeasurement(
        clinic_id=intervention.clinic_id,
        intervention=intervention,
        measured_on=measured_on,
    )
    try:
        with transaction.atomic():
            details.save(row, values, exclude=["intervention", "clinic"])
    except IntegrityError:
        raise ValidationError(
            {"measured_on": "Somebody measured on this day just now; look again."}
        ) from None
    after = stored(row)
    changed = [n for n in after if details.plain(before[n]) != details.plain(after[n])]
    audit.record(
        by=by,
        action="lifestyle.measured",
        about=row,
        measured_on=measured_on.isoformat(),
        before={name: details.plain(before[name]) for name in changed},
        after={name: details.plain(after[name]) for name in changed},
    )
    return row


def check(before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    for name in values:
        if name not in before:
            raise ValidationError({name: "This is not measured of a lifestyle."})
    wrong = checks.check_measured({**before, **values})
    if wrong:
        raise ValidationError(dict(wrong))
    if all(value in EMPTY for value in {**before, **values}.values()):
        raise ValidationError("Enter at least one thing that was measured.")


def check_weight(intervention: Intervention, measured_on: date, kilograms: Any) -> None:
    """Beside the one that was measured nearest to that day."""
    held = [
        (row.measured_on, row.weight_kg)
        for row in intervention.lifestyle_measurements.all()
        if row.weight_kg is not None and row.measured_on != measured_on
    ]
    if kilograms in EMPTY or not held:
        return
    day, other = min(held, key=lambda one: abs((one[0] - measured_on).days))
    odd = checks.odd_weight(Decimal(kilograms), measured_on, other, day)
    if odd:
        raise ValidationError({details.CHECKED: odd})


def columns() -> list[str]:
    fields = (f for f in catalogue.measured() if f.is_stored)
    return [field.column for field in fields if field.column != "measured_on"]


def stored(row: LifestyleMeasurement | None) -> dict[str, Any]:
    return {name: None if row is None else getattr(row, name) for name in columns()}
