"""How a change of habits goes: measured again and again."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic import audit, clock
from clinic.audit import By
from patients.models.patient import validate_lived, validate_past
from plans.models import Intervention, LifestyleMeasurement, Modality
from plans.procedures import catalogue, checks, details
from plans.procedures.conditions import EMPTY


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
    odd = oddities(intervention, measured_on, values)
    if odd and not checked:
        raise ValidationError({details.CHECKED: odd})
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


def oddities(
    intervention: Intervention, measured_on: date, values: Mapping[str, Any]
) -> list[str]:
    """What is to be looked at again before it is kept, in words."""
    found = [
        odd_day(intervention, measured_on),
        odd_weight(intervention, measured_on, values.get("weight_kg")),
    ]
    return [words for words in found if words]


def odd_day(intervention: Intervention, measured_on: date) -> str:
    """One from before the programme is no first of it."""
    began = began_on(intervention)
    if measured_on >= began:
        return ""
    return (
        f"{clock.in_words(measured_on)} is before the programme began on "
        f"{clock.in_words(began)}. Tick this if it is so, or correct it."
    )


def began_on(intervention: Intervention) -> date:
    """Its own day, or its plan's where it has none."""
    return intervention.on or intervention.plan.started_on


def first_weight(
    intervention: Intervention, rows: Iterable[LifestyleMeasurement]
) -> LifestyleMeasurement | None:
    """What later weights are compared with: the first since the programme began, else
    the first of all; `rows` come oldest first.
    """
    weighed = [row for row in rows if row.weight_kg]
    began = began_on(intervention)
    since = [row for row in weighed if row.measured_on >= began]
    return next(iter(since or weighed), None)


def odd_weight(intervention: Intervention, measured_on: date, kilograms: Any) -> str:
    """Beside the one that was measured nearest to that day."""
    held = [
        (row.measured_on, row.weight_kg)
        for row in intervention.lifestyle_measurements.all()
        if row.weight_kg is not None and row.measured_on != measured_on
    ]
    if kilograms in EMPTY or not held:
        return ""
    day, other = min(held, key=lambda one: abs((one[0] - measured_on).days))
    return checks.odd_weight(Decimal(kilograms), measured_on, other, day)


def columns() -> list[str]:
    fields = (f for f in catalogue.measured() if f.is_stored)
    return [field.column for field in fields if field.column != "measured_on"]


def stored(row: LifestyleMeasurement | None) -> dict[str, Any]:
    return {name: None if row is None else getattr(row, name) for name in columns()}
