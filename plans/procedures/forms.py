"""The forms of what was done: recorded, corrected, measured."""

from collections.abc import Collection
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.forms.boundfield import BoundField

from clinic import clinics
from clinic.forms import SHORT_NOTE, DayField
from clinic.models import User
from patients.models import Consent, Diagnosis
from plans.course import allowed
from plans.models import Intervention, LifestyleMeasurement, LotUse, Modality
from plans.procedures import catalogue, checks, details, form_fields, usual
from plans.procedures.catalogue_field import TABLES
from plans.procedures.catalogue_form import CatalogueForm
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import kit_counts
from plans.procedures.used_lots import Lot
from plans.procedures.usual import Usual

LOT_PARTS = ("kind", "name", "lot", "expires_on")
SPARE_LOTS = 2
# What a form of each modality asks labels for, where nothing is usual yet.
FIRST_LOTS: dict[str, tuple[str, ...]] = {
    "prp": ("kit", "centrifuge"),
    "bone_marrow_concentrate": ("concentrator", "kit"),
    "image_guided_injection": ("drug", "contrast"),
}
# Asked by the form that performs; the page of details leaves the day alone.
NOT_ASKED = ("performed_on",)


class DetailsForm(CatalogueForm):
    """What exactly was done; `usual` are guesses for what is not recorded yet."""

    # By the verb, whether or not a field is wrong: a warning may want its reason.
    is_refused = False
    detail = forms.CharField(
        label="Note", max_length=4000, required=False, widget=forms.Textarea(SHORT_NOTE)
    )
    checked = forms.BooleanField(
        label="I looked again: this is what was done.", required=False
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        intervention: Intervention,
        asks_later: bool,
        usual: Usual | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.intervention = intervention
        self.ask(
            [
                field
                for field in details.fields_of(intervention)
                if field.is_stored
                and field.column not in NOT_ASKED
                and (asks_later or not field.is_later)
            ],
            {"intervention": Intervention, **details.MODELS},
        )
        self.modality = intervention.modality
        self.stored = details.stored(intervention)
        self.oddities: list[checks.Oddity] = []
        self.consents: list[Consent] = []
        self._offer_rows()
        self._fill(usual)
        self._ask_lots(usual)

    def _offer_rows(self) -> None:
        complaint = self.intervention.plan.complaint
        patient = complaint.patient
        diagnoses = complaint.diagnoses.exclude(
            status=Diagnosis.Status.ENTERED_IN_ERROR
        )
        rows: dict[str, models.QuerySet[Any]] = {
            "indication": diagnoses,
            "performed_by": clinics.providers(patient.clinic)
            | User.objects.filter(pk__in=[self.intervention.performed_by_id]),
        }
        for name, queryset in rows.items():
            if name in self.fields:
                field = cast(forms.ModelChoiceField, self.fields[name])
                field.queryset = queryset
        if "consent" in self.fields:
            self._offer_consents()
        if "indication" in self.fields:
            self.only_diagnosis = list(diagnoses[:2])

    def _offer_consents(self) -> None:
        """Those to procedures, and the one that is named already."""
        patient = self.intervention.plan.complaint.patient
        standing = Q(withdrawn_on=None, scope=Consent.Scope.PROCEDURE)
        held = Q(pk=pk_of(self.stored.get("consent")))
        field = cast(Any, self.fields["consent"])
        field.queryset = patient.consents.filter(standing | held)
        self.consents = list(field.queryset)
        if not self.consents:
            field.help_text = "None is on file; it is recorded under Consents."

    def _fill(self, usual_values: Usual | None) -> None:
        guesses: dict[str, Any] = {}
        if not details.is_described(self.intervention):
            guesses = self._guesses() | (usual_values.values if usual_values else {})
        for field in self.asked:
            name = field.column
            value = self.stored[name]
            is_open = value in EMPTY or (name == "side" and value == "none")
            if is_open and guesses.get(name) not in EMPTY:
                value = guesses[name]
                if usual_values and name in usual_values.values:
                    self.usual_names.add(name)
            elif usual_values and value in EMPTY and name in usual_values.offered:
                self.offered[name] = usual_values.offered[name]
            self.initial.setdefault(name, form_fields.as_initial(field, value))

    def _guesses(self) -> dict[str, Any]:
        """What the plan and the complaint say already."""
        complaint = self.intervention.plan.complaint
        standing = [each for each in self.only_diagnosis if each.is_standing]
        return {
            "kind": usual.kind_of(self.intervention),
            "side": complaint.side,
            "site": complaint.pain_site,
            "indication": standing[0].pk if len(standing) == 1 else None,
            "injection_number": self.intervention.series_number or 1,
            "consent": self.consents[0].pk if len(self.consents) == 1 else None,
        }

    def _ask_lots(self, usual_values: Usual | None) -> None:
        held: list[Any] = list(self.intervention.lots.all())
        guessed = not held and self.modality in TABLES["lots"]
        if guessed and usual_values:
            held = list(usual_values.lots)
        if guessed and not held:
            held = [Lot(kind) for kind in FIRST_LOTS.get(self.modality, ())]
        sent = [name for name in self.data if name.startswith("lot-")]
        self.lots_expected = max(len(held), 1)
        rows = self.lots_expected + SPARE_LOTS
        numbers = {int(n.split("-")[1]) for n in sent if n.split("-")[1].isdecimal()}
        self.lot_rows = range(max([rows, *(n + 1 for n in numbers if n < 20)]))
        for number in self.lot_rows:
            lot = held[number] if number < len(held) else Lot(LotUse.Kind.KIT)
            for part, field in lot_fields().items():
                self.fields[f"lot-{number}-{part}"] = field
                self.initial[f"lot-{number}-{part}"] = getattr(lot, part)
        self.has_usual_lots = bool(guessed and usual_values and usual_values.lots)

    @property
    def lot_lines(self) -> list[list[BoundField]]:
        return [
            self._lot_line(number) for number in self.lot_rows[: self.lots_expected]
        ]

    @property
    def spare_lot_lines(self) -> list[list[BoundField]]:
        """For labels beyond those that are usual, or that are held already."""
        return [
            self._lot_line(number) for number in self.lot_rows[self.lots_expected :]
        ]

    def _lot_line(self, number: int) -> list[BoundField]:
        return [self[f"lot-{number}-{part}"] for part in LOT_PARTS]

    def as_it_stands(self, names: Collection[str]) -> dict[str, Any]:
        """What was typed, else what stands in the form before anybody touched it."""
        asked = [name for name in names if name in self.fields]
        if self.is_bound:
            return {name: self.cleaned_data.get(name) for name in asked}
        return {name: self._untouched(name) for name in asked}

    def _untouched(self, name: str) -> Any:
        field = self.fields[name]
        try:
            return field.clean(self.get_initial_for_field(field, name))
        except forms.ValidationError:
            # Such as a diagnosis that was taken back since.
            return None

    @property
    def asks_lots(self) -> bool:
        return self.modality in TABLES["lots"] or any(
            row.pk for row in self.intervention.lots.all()
        )

    def lots(self) -> list[Lot] | None:
        """The labels that say something; None where the form does not ask."""
        if not self.asks_lots:
            return None
        rows = [
            Lot(**{part: self.cleaned_data[f"lot-{n}-{part}"] for part in LOT_PARTS})
            for n in self.lot_rows
        ]
        return [row for row in rows if row.name or row.lot]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        values = self.values()
        day = given.get("performed_on") or self.intervention.performed_on
        wrong = checks.check(self.modality, values) or checks.still_to_come(
            values, day, details.now_of(self.intervention)
        )
        for name, said in wrong.items():
            self.add_error(name, said)
        for number in self.lot_rows:
            row = [given.get(f"lot-{number}-{part}") for part in LOT_PARTS]
            if row[3] and not row[1] and not row[2]:
                self.add_error(f"lot-{number}-lot", "Give a name or a lot number.")
        self.oddities = checks.oddities(
            values,
            complaint_side=self.intervention.plan.complaint.side,
            lots=self._typed_lots(given),
            performed_on=day,
            kit_counts=kit_counts.beside(self.intervention, values),
        )
        if self.errors:
            # A slip comes first: what is odd may come of it.
            self.oddities = []
        if self.oddities and not given.get("checked"):
            self.add_error("checked", "Tick this if it is so, or correct it.")
        return given

    def _typed_lots(self, given: dict[str, Any]) -> list[Lot]:
        """Those in order; a row with a slip says so itself."""
        rows: list[dict[str, Any]] = [
            {part: given.get(f"lot-{n}-{part}") for part in LOT_PARTS}
            for n in self.lot_rows
        ]
        return [Lot(**row) for row in rows if row["name"] or row["lot"]]


class PerformForm(DetailsForm):
    performed_on = DayField(label="Done on")

    field_order = ("performed_on",)

    def clean_performed_on(self) -> date:
        """Refused here already, to be named with all else that needs a look."""
        day: date = self.cleaned_data["performed_on"]
        try:
            allowed.check_performed(self.intervention, day)
        except ValidationError as refused:
            raise ValidationError(refused.messages) from None
        return day

    def values(self) -> dict[str, Any]:
        """Nobody named as operator means whoever records it."""
        found = super().values()
        if found.get("performed_by") is None:
            found.pop("performed_by", None)
        if self.cleaned_data.get("detail"):
            found["detail"] = self.cleaned_data["detail"]
        return found


class CorrectForm(DetailsForm):
    reason = forms.CharField(
        label="Why it is changed",
        max_length=200,
        required=False,
        help_text="Kept with the change.",
    )

    def values(self) -> dict[str, Any]:
        found = super().values()
        if "detail" in self.cleaned_data:
            found["detail"] = self.cleaned_data["detail"]
        return found


class MeasureForm(CatalogueForm):
    checked = forms.BooleanField(
        label="I looked again: this is what was measured.", required=False
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        stored = [field for field in catalogue.measured() if field.is_stored]
        self.ask(stored, {"measurement": LifestyleMeasurement})
        self.modality = Modality.LIFESTYLE
        self.fields["measured_on"].required = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, said in checks.check_measured(self.values()).items():
            self.add_error(name, said)
        return given

    def measured(self) -> dict[str, Any]:
        """What was filled in; the rest of that day stays as it is."""
        found = self.values()
        found.pop("measured_on", None)
        return {name: value for name, value in found.items() if value not in EMPTY}


def lot_fields() -> dict[str, forms.Field]:
    return {
        "kind": forms.ChoiceField(
            label="What", choices=LotUse.Kind.choices, required=False
        ),
        "name": forms.CharField(label="Name", max_length=80, required=False),
        "lot": forms.CharField(label="Lot", max_length=60, required=False),
        "expires_on": DayField(label="Expires", required=False),
    }


def pk_of(row: models.Model | None) -> Any:
    return None if row is None else row.pk


def operator_of(intervention: Intervention, user: User) -> Any:
    """Who most likely did it: whoever records it, if they treat; else the plan's."""
    clinic = intervention.plan.complaint.patient.clinic
    if clinics.providers(clinic).filter(pk=user.pk).exists():
        return user.pk
    return intervention.plan.provider_id
