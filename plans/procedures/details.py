"""What exactly was done, kept in typed rows; the only code that writes them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models, transaction

from clinic import audit, clinics, clock, reference_data
from clinic.audit import By
from clinic.models import User
from patients.models import Consent, Diagnosis
from plans.cautions import passing
from plans.models import (
    GuidedInjection,
    Intervention,
    LifestyleChange,
    MarrowConcentrate,
    Modality,
    Procedure,
    ProtocolStep,
    PRPTreatment,
    TherapyCourse,
)
from plans.procedures import catalogue, checks, used_lots
from plans.procedures.catalogue_field import Field
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import kit_counts
from plans.procedures.used_lots import Lot

Values = Mapping[str, Any]

MODELS: dict[str, type[models.Model]] = {
    "procedure": Procedure,
    "prp": PRPTreatment,
    "marrow": MarrowConcentrate,
    "injection": GuidedInjection,
    "therapy": TherapyCourse,
    "lifestyle": LifestyleChange,
}
# Kept by the verbs that move an intervention, not with its details.
MOVED_ELSEWHERE = ("performed_on",)
# What goes on for weeks is described while it does.
DESCRIBED_AHEAD = (Modality.PHYSICAL_THERAPY, Modality.LIFESTYLE)
CHECKED = "checked"
# Whoever knows the catalogue of fields may name these too.
OWN_WORDS = ("detail",)


@transaction.atomic
def record(
    intervention: Intervention,
    *,
    values: Values,
    by: By,
    lots: Sequence[Lot] | None = None,
    checked: bool = False,
    reason: str = "",
    seen: str | None = None,
    caution_reasons: Mapping[str, str] | None = None,
    weighs: bool = True,
) -> Intervention:
    """Keep what is named in `values`, by column, and leave the rest as it stands.

    `lots` replaces those recorded; None leaves them. `checked` lets oddities pass.
    `seen` is the fingerprint of what its author looked at. What was performed is
    weighed anew, unless the caller `weighs` not, because it does so itself.
    """
    hold(intervention)
    check_open(intervention)
    before = stored(intervention)
    if seen is not None and seen != fingerprint(intervention, before):
        raise ValidationError(
            "Somebody changed these details meanwhile; look at them again and "
            "enter what is yours."
        )
    passed = check(intervention, before, values, lots=lots, checked=checked)
    write(intervention, values)
    audited = note_changes(intervention, before, values, lots)
    if weighs and intervention.performed_on is not None:
        passing.require(
            intervention,
            on=intervention.performed_on,
            reasons=caution_reasons,
            by=by,
        )
    audit.record(
        by=by,
        action="details.recorded",
        about=intervention,
        passed=passed,
        reason=reason,
        **audited,
    )
    return intervention


def hold(intervention: Intervention) -> None:
    """Reads it afresh; one writer at a time. SQLite has one writer anyway."""
    rows = Intervention.objects.select_for_update(of=("self",), no_key=True)
    kept = rows.select_related("plan__complaint__patient__clinic")
    intervention.refresh_from_db(from_queryset=kept)


def check_open(intervention: Intervention) -> None:
    status = intervention.status
    is_ahead = (
        status == Intervention.Status.PLANNED
        and intervention.modality in DESCRIBED_AHEAD
    )
    if status != Intervention.Status.PERFORMED and not is_ahead:
        raise ValidationError(
            f"This intervention is {intervention.get_status_display().lower()}; "
            "details are recorded of what was done."
        )


def check(
    intervention: Intervention,
    before: Values,
    values: Values,
    *,
    lots: Sequence[Lot] | None,
    checked: bool,
) -> list[str]:
    """Raises for what cannot be; returns the oddities that somebody confirmed."""
    check_known(intervention.modality, values)
    both = {**before, **values}
    wrong = checks.check(intervention.modality, both) or checks.still_to_come(
        both, intervention.performed_on, now_of(intervention)
    )
    wrong |= check_references(intervention, values)
    if wrong:
        raise ValidationError(dict(wrong))
    odd = checks.oddities(
        both,
        complaint_side=intervention.plan.complaint.side,
        lots=intervention.lots.all() if lots is None else lots,
        performed_on=intervention.performed_on,
        kit_counts=kit_counts.beside(intervention, both),
    )
    if odd and not checked:
        raise ValidationError({CHECKED: [each.words for each in odd]})
    return [each.field for each in odd]


def now_of(intervention: Intervention) -> datetime:
    """The moment it is, as the patient's clock tells it."""
    patient = intervention.plan.complaint.patient.kept
    return clock.now().astimezone(ZoneInfo(patient.time_zone))


def check_moved(intervention: Intervention, day: date) -> None:
    """Raises ValidationError where what is recorded cannot have been on that day."""
    wrong = checks.still_to_come(stored(intervention), day, now_of(intervention))
    if wrong:
        said = " ".join(wrong.values())
        raise ValidationError({"day": f"{said} Correct the recorded time first."})


def check_known(modality: str, values: Values) -> None:
    known = catalogue.by_column(modality)
    anywhere = {field.column for field in catalogue.fields()}
    for name, value in values.items():
        field = known.get(name)
        if name in OWN_WORDS or (field is not None and field.is_stored):
            continue
        if name in anywhere and value in EMPTY:
            continue
        label = Modality(modality).label.lower()
        raise ValidationError({name: f"This is not recorded for {label}."})


def check_references(intervention: Intervention, values: Values) -> dict[str, str]:
    """Rows of another complaint, patient or clinic are refused by their field."""
    complaint = intervention.plan.complaint
    wrong = {}
    indication, consent = values.get("indication"), values.get("consent")
    if indication is not None and (
        indication.complaint_id != complaint.pk
        or indication.status == Diagnosis.Status.ENTERED_IN_ERROR
    ):
        wrong["indication"] = "Choose a diagnosis of this complaint."
    if consent is not None and consent.patient_id != complaint.patient_id:
        wrong["consent"] = "Choose a consent of this patient."
    elif not may_stand_under(intervention, consent):
        wrong["consent"] = "Choose a consent to procedures."
    if not may_have_done(intervention, values.get("performed_by")):
        wrong["performed_by"] = "Choose somebody who treats patients in this clinic."
    return wrong


def may_stand_under(intervention: Intervention, consent: Consent | None) -> bool:
    """One that stands recorded already may stay, whatever it was given for."""
    held = getattr(row_of(intervention, "procedure"), "consent", None)
    return consent in (None, held) or consent.scope == Consent.Scope.PROCEDURE


def may_have_done(intervention: Intervention, operator: User | None) -> bool:
    if operator is None or operator.pk == intervention.performed_by_id:
        return True
    clinic = intervention.plan.complaint.patient.clinic
    return clinics.providers(clinic).filter(pk=operator.pk).exists()


def stored(intervention: Intervention) -> dict[str, Any]:
    """Every stored value by column; empty where nobody recorded one."""
    found: dict[str, Any] = {}
    for field in catalogue.fields_of(intervention.modality):
        if field.is_stored:
            row = row_of(intervention, field.table)
            found[field.column] = None if row is None else getattr(row, field.column)
    return found


def fields_of(intervention: Intervention) -> tuple[Field, ...]:
    """What is asked of it: of a clinician's review no sessions and no targets, unless
    somebody recorded some.
    """
    fields = catalogue.fields_of(intervention.modality)
    step = intervention.step
    is_review = step is not None and step.key in ProtocolStep.REVIEWS
    if not is_review or is_described(intervention):
        return fields
    return tuple(field for field in fields if field.table == "intervention")


def row_of(intervention: Intervention, table: str) -> models.Model | None:
    return (
        intervention if table == "intervention" else getattr(intervention, table, None)
    )


def is_described(intervention: Intervention) -> bool:
    """Whether somebody recorded more than that it was done."""
    tables = catalogue.tables_of(intervention.modality)
    return any(row_of(intervention, table) is not None for table in tables)


def fingerprint(intervention: Intervention, values: Values) -> str:
    """Of what a page showed; another one means that somebody else wrote meanwhile."""
    shown = {name: plain(value) for name, value in values.items()}
    held = [used_lots.as_facts(row) for row in intervention.lots.all()]
    return reference_data.fingerprint({"values": shown, "lots": held})


def write(intervention: Intervention, values: Values) -> None:
    """Into Intervention's own columns and the one-to-one rows of its modality."""
    by_table: dict[str, dict[str, Any]] = {
        table: {} for table in catalogue.tables_of(intervention.modality)
    }
    own: dict[str, Any] = {n: values[n] for n in OWN_WORDS if n in values}
    for name, field in catalogue.by_column(intervention.modality).items():
        if name in values and name not in MOVED_ELSEWHERE and field.is_stored:
            by_table.get(field.table, own)[name] = values[name]
    if own:
        save(intervention, own, exclude=["performed_by", "planned_on", "performed_on"])
    for table, columns in by_table.items():
        row = row_of(intervention, table)
        if row is None and any(value not in EMPTY for value in columns.values()):
            row = MODELS[table](
                clinic_id=intervention.clinic_id, intervention=intervention
            )
        if row is not None and columns:
            save(row, columns, exclude=["intervention", "clinic"])


def save(row: models.Model, columns: Values, *, exclude: Iterable[str]) -> None:
    """Raises ValidationError naming the column."""
    for name, value in columns.items():
        setattr(row, name, emptied(row, name, value))
    row.full_clean(exclude=list(exclude))
    row.save()


def emptied(row: models.Model, name: str, value: Any) -> Any:
    """None as the column writes "nothing": an empty text or list."""
    column: Any = row._meta.get_field(name)
    if value is not None:
        return storable(value)
    if isinstance(column, models.JSONField):
        return []
    return None if column.null else ""


def storable(value: Any) -> Any:
    """Numbers in lists as plain texts: JSON knows no decimals."""
    if not isinstance(value, list | tuple):
        return value
    return [
        catalogue.plain(each)
        if isinstance(each, Decimal | int)
        else {**each, "ml": catalogue.plain(each["ml"])}
        if isinstance(each, dict)
        else each
        for each in value
    ]


def note_changes(
    intervention: Intervention,
    before: Values,
    values: Values,
    given: Sequence[Lot] | None,
) -> dict[str, Any]:
    """Writes the lots, and returns before and after of all that is different now."""
    lots_before, lots_after = used_lots.replace(intervention, given)
    after = stored(intervention)
    changed = [name for name in after if plain(before[name]) != plain(after[name])]
    facts: dict[str, Any] = {
        "before": {name: plain(before[name]) for name in changed},
        "after": {name: plain(after[name]) for name in changed},
    }
    if lots_before != lots_after:
        facts["before"]["lots"], facts["after"]["lots"] = lots_before, lots_after
    return facts


def plain(value: Any) -> Any:
    """As JSON keeps it, and the same however many zeros a column adds."""
    if value in EMPTY:
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return storable(value)
    return catalogue.plain(value) if isinstance(value, Decimal | int) else str(value)
