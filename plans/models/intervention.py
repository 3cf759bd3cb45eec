from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Record, readable_with
from patients.models import Complaint, Diagnosis, Patient
from plans.models.plan import Plan
from plans.models.protocol import NEEDLE, Modality, ProtocolStep

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from plans.models.harm import AdverseEvent, LotUse


class TreatedSide(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral", "both sides"
    MIDLINE = "midline"
    NONE = "none", "no side"


class Intervention(Record):
    """One thing that is planned or was done."""

    class Status(models.TextChoices):
        PLANNED = "planned"
        PERFORMED = "performed"
        CANCELLED = "cancelled"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    class Said(models.TextChoices):
        """What the patient answered to "did you have it?"."""

        NOTHING = "", "not asked"
        YES = "yes"
        NO = "no"

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="interventions"
    )
    # What it was planned from; None where it was added for this patient.
    step = models.ForeignKey(
        ProtocolStep, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    kind = models.CharField(max_length=40, blank=True)
    indication = models.ForeignKey(
        Diagnosis, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    side = models.CharField(max_length=9, choices=TreatedSide, default=TreatedSide.NONE)
    site = models.CharField(max_length=60, blank=True)
    levels = models.JSONField(default=list, blank=True)
    target = models.CharField(max_length=120, blank=True)
    guidance = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PLANNED)
    status_reason = models.CharField(max_length=200, blank=True)
    # Cancelled because the plan ended; planned again when it is reopened.
    ended_with_plan = models.BooleanField(default=False)
    # A repeat begins the next course; what is added later belongs to the one running.
    course = models.PositiveSmallIntegerField(default=1)
    # Which of a series of injections; None for what is no series.
    series_number = models.PositiveSmallIntegerField(null=True, blank=True)
    # Day 0 of its course: of a series the last that is not cancelled.
    is_index = models.BooleanField(default=False)
    planned_on = models.DateField(null=True, blank=True)
    performed_on = models.DateField(null=True, blank=True)
    performed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    patient_said = models.CharField(
        max_length=3, choices=Said, default=Said.NOTHING, blank=True
    )
    patient_said_at = models.DateTimeField(null=True, blank=True)
    detail = models.TextField(blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    if TYPE_CHECKING:
        lots: "RelatedManager[LotUse]"
        adverse_events: "RelatedManager[AdverseEvent]"
        cautions_passed: "RelatedManager[CautionPass]"

    class Meta:
        ordering = ["planned_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "course"],
                condition=Q(is_index=True, status__in=["planned", "performed"]),
                name="plan_one_index_a_course",
            ),
            models.CheckConstraint(
                condition=Q(status="performed", performed_on__isnull=False)
                | (~Q(status="performed") & Q(performed_on__isnull=True))
                | Q(status="entered_in_error"),
                name="intervention_performed_on_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "planned_on", "id"], name="intervention_list"
            ),
            models.Index(
                fields=["clinic", "planned_on"],
                condition=Q(status="planned"),
                name="intervention_to_confirm",
            ),
            models.Index(
                fields=["clinic", "modality", "-performed_on"],
                condition=Q(status="performed"),
                name="intervention_by_modality",
            ),
            models.Index(
                fields=["clinic", "performed_by", "-performed_on"],
                condition=Q(status="performed"),
                name="intervention_by_operator",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_subject(self) -> UUID:
        return self.plan.complaint.patient_id

    @property
    def on(self) -> date | None:
        """The day it was done, or is planned for."""
        return self.performed_on or self.planned_on

    @property
    def is_needle(self) -> bool:
        return self.modality in NEEDLE

    @property
    def remarks(self) -> str:
        """What was written of it, without the instruction of the protocol."""
        is_instruction = self.step is not None and self.detail == self.step.detail
        return "" if is_instruction else self.detail


class CautionPass(Record):
    """Why somebody went on past a warning; it stays with what was done."""

    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, related_name="cautions_passed"
    )
    # A key of plans/cautions/data/cautions.csv, and the words as they were shown.
    caution = models.SlugField(max_length=60)
    words = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["intervention", "caution"], name="caution_passed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.caution} passed"

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject


class TreatmentElsewhere(Record):
    """What the patient had outside this clinic: it too can explain an outcome."""

    class Precision(models.TextChoices):
        DAY = "day"
        MONTH = "month"
        YEAR = "year"

    class Status(models.TextChoices):
        REPORTED = "reported"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="treatments_elsewhere"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="treatments_elsewhere"
    )
    what = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality, default=Modality.OTHER)
    # The first day of the month or year where no more is known.
    began_on = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision, default=Precision.DAY)
    note = models.CharField(max_length=300, blank=True)
    # None where the patient said it in a survey.
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.REPORTED)
    status_reason = models.CharField(max_length=200, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["began_on", "id"]
        verbose_name_plural = "treatments elsewhere"

    def __str__(self) -> str:
        return self.what

    @property
    def audit_subject(self) -> UUID:
        return self.patient_id
