"""What exactly was done: typed details of an intervention, one table a modality.

Each column is a row of plans/procedures/data/fields.csv, which holds its words, unit,
bounds and choices. An empty column was not recorded; it never means "no".
"""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Record, readable_with
from patients.models import Consent
from plans.models.intervention import Intervention


def not_negative(table: str, *columns: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": 0}),
            name=f"{table}_{column}_counts",
        )
        for column in columns
    ]


def measured(digits: int = 8, places: int = 2) -> Any:
    """A measured amount; the unit stands in the field's name or its catalogue row."""
    return models.DecimalField(
        max_digits=digits, decimal_places=places, null=True, blank=True
    )


class Details(Record):
    """Of one intervention; what nobody recorded stays empty."""

    intervention: models.OneToOneField[Intervention, Intervention]

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        abstract = True

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject


class Procedure(Details):
    """What every procedure with a needle records."""

    class Finish(models.TextChoices):
        COMPLETED = "completed"
        STOPPED = "stopped", "stopped early"

    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="procedure"
    )
    performed_at = models.TimeField(null=True, blank=True)
    # Typed by a clinic under its own licence; the product ships no such code.
    payer_code = models.CharField(max_length=20, blank=True)
    consent = models.ForeignKey(
        Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fluoro_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    contrast = models.CharField(max_length=20, blank=True)
    contrast_ml = measured(5, 2)
    contrast_pattern = models.CharField(max_length=40, blank=True)
    image_saved = models.BooleanField(null=True, blank=True)
    needle_gauge = models.PositiveSmallIntegerField(null=True, blank=True)
    passes = models.PositiveSmallIntegerField(null=True, blank=True)
    local_anaesthetic = models.CharField(max_length=60, blank=True)
    local_anaesthetic_ml = measured(5, 2)
    local_anaesthetic_percent = measured(4, 2)
    sedation = models.CharField(max_length=10, blank=True)
    anticoagulant_plan = models.CharField(max_length=20, blank=True)
    nsaid_hold_days = models.PositiveSmallIntegerField(null=True, blank=True)
    pain_before = models.PositiveSmallIntegerField(null=True, blank=True)
    pain_after_30min = models.PositiveSmallIntegerField(null=True, blank=True)
    complications = models.JSONField(default=list, blank=True)
    finish = models.CharField(
        max_length=9, choices=Finish, default=Finish.COMPLETED, blank=True
    )

    class Meta:
        constraints = not_negative(
            "procedure",
            "contrast_ml",
            "local_anaesthetic_ml",
            "local_anaesthetic_percent",
        )

    def __str__(self) -> str:
        return f"procedure of {self.intervention_id}"


class TherapyCourse(Details):
    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="therapy"
    )
    sessions_prescribed = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_attended = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_missed = models.PositiveSmallIntegerField(null=True, blank=True)
    focus = models.JSONField(default=list, blank=True)
    home_days_prescribed = models.PositiveSmallIntegerField(null=True, blank=True)
    home_days_done = models.PositiveSmallIntegerField(null=True, blank=True)
    adherence_0_10 = models.PositiveSmallIntegerField(null=True, blank=True)
    load_progress = models.TextField(blank=True)
    barrier = models.CharField(max_length=40, blank=True)
    stop_reason = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"therapy of {self.intervention_id}"


class PRPTreatment(Details):
    """Counts in thousands per microlitre (red cells in millions), volumes in mL."""

    class CountSource(models.TextChoices):
        MEASURED = "measured"
        KIT_DEFAULT = "kit_default", "assumed from the kit"
        NOT_COUNTED = "not_counted", "not counted"

    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="prp"
    )
    blood_draw_ml = measured(6, 2)
    anticoagulant = models.CharField(max_length=40, blank=True)
    prep_method = models.CharField(max_length=40, blank=True)
    spins = models.PositiveSmallIntegerField(null=True, blank=True)
    spin_g = models.JSONField(default=list, blank=True)
    spin_minutes = models.JSONField(default=list, blank=True)
    count_source = models.CharField(max_length=11, choices=CountSource, blank=True)
    whole_blood_platelets = measured(7, 2)
    whole_blood_leukocytes = measured(6, 2)
    whole_blood_neutrophils = measured(6, 2)
    prp_platelets = measured(7, 2)
    prp_volume_ml = measured(5, 2)
    injected_volume_ml = measured(5, 2)
    leukocytes = measured(6, 2)
    neutrophils = measured(6, 2)
    red_cells = measured(6, 3)
    activation = models.CharField(max_length=40, blank=True)
    ph_adjusted = models.BooleanField(null=True, blank=True)
    # Minutes after midnight would lose a draw before it: both are times of the day.
    drawn_at = models.TimeField(null=True, blank=True)
    minutes_to_injection = models.PositiveSmallIntegerField(null=True, blank=True)
    injection_number = models.PositiveSmallIntegerField(null=True, blank=True)
    targets = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = not_negative(
            "prp",
            "blood_draw_ml",
            "whole_blood_platelets",
            "prp_platelets",
            "prp_volume_ml",
            "injected_volume_ml",
            "leukocytes",
            "neutrophils",
            "red_cells",
        )

    def __str__(self) -> str:
        return f"PRP of {self.intervention_id}"


class MarrowConcentrate(Details):
    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="marrow"
    )
    harvest_site = models.CharField(max_length=40, blank=True)
    harvest_side = models.CharField(max_length=5, blank=True)
    harvest_guidance = models.CharField(max_length=40, blank=True)
    needle = models.CharField(max_length=80, blank=True)
    # Millilitres of each separate draw.
    aspirations = models.JSONField(default=list, blank=True)
    aspirate_total_ml = measured(6, 2)
    anticoagulant = models.CharField(max_length=40, blank=True)
    concentrate_ml = measured(5, 2)
    # Millions per millilitre.
    tnc_per_ml = measured(7, 2)
    cfu_f = models.PositiveIntegerField(null=True, blank=True)
    platelets = measured(7, 2)
    hematocrit = measured(4, 1)
    viability = measured(4, 1)
    # "no" is the one answer that fits a same-day procedure; expansion is a drug.
    culture_done = models.CharField(max_length=3, blank=True)
    added_products = models.JSONField(default=list, blank=True)
    # [{"target": "left knee joint", "ml": "4.0"}, ...]
    injected_ml_by_target = models.JSONField(default=list, blank=True)
    donor_site_pain_d2 = models.PositiveSmallIntegerField(null=True, blank=True)
    donor_site_pain_d7 = models.PositiveSmallIntegerField(null=True, blank=True)
    same_day = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = not_negative(
            "marrow", "aspirate_total_ml", "concentrate_ml", "tnc_per_ml"
        )

    def __str__(self) -> str:
        return f"marrow concentrate of {self.intervention_id}"


class GuidedInjection(Details):
    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="injection"
    )
    route = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=12, blank=True)
    steroid = models.CharField(max_length=20, blank=True)
    steroid_mg = measured(6, 2)
    anaesthetic_ml = measured(5, 2)
    test_dose = models.BooleanField(null=True, blank=True)
    concordant_pain = models.CharField(max_length=10, blank=True)
    glucose_advice = models.BooleanField(null=True, blank=True)
    systemic_reaction_2w = models.JSONField(default=list, blank=True)
    # Radiofrequency only.
    rf_mode = models.CharField(max_length=8, blank=True)
    rf_temperature_c = models.PositiveSmallIntegerField(null=True, blank=True)
    rf_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    rf_motor_test = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = not_negative("injection", "steroid_mg", "anaesthetic_ml")

    def __str__(self) -> str:
        return f"injection of {self.intervention_id}"


class LifestyleChange(Details):
    """What is aimed at; how it goes is measured over time."""

    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="lifestyle"
    )
    height_cm = measured(4, 1)
    weight_target_kg = measured(4, 1)
    bmi_target = measured(3, 1)
    active_minutes_target = models.PositiveSmallIntegerField(null=True, blank=True)
    sitting_hours_target = measured(3, 1)
    smoking_target = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = not_negative(
            "lifestyle", "height_cm", "weight_target_kg", "bmi_target"
        )

    def __str__(self) -> str:
        return f"lifestyle change of {self.intervention_id}"


class LifestyleMeasurement(Record):
    """How it stood on a day."""

    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, related_name="lifestyle_measurements"
    )
    measured_on = models.DateField()
    weight_kg = measured(4, 1)
    active_days = models.PositiveSmallIntegerField(null=True, blank=True)
    active_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    strength_days = models.PositiveSmallIntegerField(null=True, blank=True)
    sitting_hours = measured(3, 1)
    desk_setup = models.JSONField(default=list, blank=True)
    break_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    footwear = models.CharField(max_length=20, blank=True)
    smoking = models.CharField(max_length=10, blank=True)
    sleep_hours = measured(3, 1)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["measured_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["intervention", "measured_on"],
                name="lifestyle_measured_once_a_day",
            ),
            *not_negative(
                "lifestyle_measured", "weight_kg", "sitting_hours", "sleep_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"lifestyle of {self.intervention_id} on {self.measured_on}"

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject
