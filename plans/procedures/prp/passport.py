"""What one PRP injection was made of and how it is classed, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic import audit
from clinic.models import User
from plans.models import Intervention, LotUse, Modality
from plans.procedures import catalogue, completeness, recorded
from plans.procedures.completeness import Completeness
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import classes
from plans.procedures.prp.classes import Classes

WHERE = (
    "performed_on",
    "performed_by",
    "indication",
    "site",
    "side",
    "levels",
    "target",
    "targets",
    "guidance",
)
MADE = (
    "blood_draw_ml",
    "anticoagulant",
    "prep_method",
    "spins",
    "spin_g",
    "spin_minutes",
    "prp_volume_ml",
    "injected_volume_ml",
    "activation",
    "ph_adjusted",
    "drawn_at",
    "minutes_to_injection",
)
# Each cell counted, in the product and in the blood that it was made from.
CELLS = (
    ("Platelets", "prp_platelets", "whole_blood_platelets"),
    ("White cells", "leukocytes", "whole_blood_leukocytes"),
    ("Neutrophils", "neutrophils", "whole_blood_neutrophils"),
    ("Red cells", "red_cells", ""),
)
STANDING = (Intervention.Status.PLANNED, Intervention.Status.PERFORMED)


@dataclass(frozen=True, slots=True)
class Line:
    """A field in words; a class of its own so that a page can mark what is missing."""

    label: str
    words: str

    @property
    def is_missing(self) -> bool:
        return self.words == catalogue.NOT_RECORDED


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    unit: str
    product: str
    blood: str


@dataclass(frozen=True, slots=True)
class Passport:
    intervention: Intervention
    values: dict[str, Any]
    classes: Classes
    completeness: Completeness
    lots: Sequence[LotUse]
    previous: Intervention | None
    # How many injections the series has, where it is one.
    series_of: int | None

    @property
    def is_performed(self) -> bool:
        return self.intervention.status == Intervention.Status.PERFORMED

    @property
    def is_assumed(self) -> bool:
        return self.values["count_source"] == classes.KIT_DEFAULT

    @property
    def number(self) -> int | None:
        return self.values["injection_number"] or self.intervention.series_number

    @property
    def interval_days(self) -> int | None:
        """Since the PRP injection before it of the same complaint."""
        before = self.previous.performed_on if self.previous else None
        day = self.intervention.performed_on
        return (day - before).days if day and before else None

    @property
    def where(self) -> list[Line]:
        return self._lines(WHERE)

    @property
    def made(self) -> list[Line]:
        return self._lines(MADE)

    @property
    def count_source(self) -> str:
        return self._line("count_source").words

    @property
    def cells(self) -> list[Cell]:
        return [
            Cell(
                label,
                catalogue.by_column(Modality.PRP)[product].unit_words,
                self._count(product),
                self._count(blood) if blood else "",
            )
            for label, product, blood in CELLS
        ]

    def _count(self, column: str) -> str:
        value = self.values[column]
        return catalogue.NOT_RECORDED if value in EMPTY else catalogue.plain(value)

    def _lines(self, columns: Sequence[str]) -> list[Line]:
        """In this order; what is not asked of this one and not given is left out."""
        known = catalogue.by_column(Modality.PRP)
        env = {**self.values, "modality": Modality.PRP}
        return [
            self._line(column)
            for column in columns
            if self.values[column] not in EMPTY
            or known[column].level_for(env) in completeness.COUNTED
        ]

    def _line(self, column: str) -> Line:
        field = catalogue.by_column(Modality.PRP)[column]
        return Line(field.label, catalogue.in_words(field, self.values[column]))


def read(intervention: Intervention, *, by: User) -> Passport:
    """What the passport says, and kept that it was read; it must come with_details."""
    audit.record(by=by, action="passport.read", about=intervention)
    values = recorded.values_of(intervention)
    return Passport(
        intervention=intervention,
        values=values,
        classes=classes.classify(values),
        completeness=recorded.completeness_of(intervention, values),
        lots=list(intervention.lots.all()),
        previous=_previous(intervention, by),
        series_of=_series_of(intervention, by),
    )


def _previous(intervention: Intervention, user: User) -> Intervention | None:
    day: date | None = intervention.performed_on
    if day is None:
        return None
    before = Intervention.objects.visible_to(user).filter(
        plan__complaint=intervention.plan.complaint_id,
        modality=Modality.PRP,
        status=Intervention.Status.PERFORMED,
        performed_on__lt=day,
    )
    return before.order_by("-performed_on", "-pk").first()


def _series_of(intervention: Intervention, user: User) -> int | None:
    if intervention.series_number is None:
        return None
    return (
        Intervention.objects.visible_to(user)
        .filter(
            plan=intervention.plan_id,
            course=intervention.course,
            step=intervention.step_id,
            series_number__isnull=False,
            status__in=STANDING,
        )
        .count()
    )
