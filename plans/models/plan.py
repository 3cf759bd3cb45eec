from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Record, readable_with
from patients.models import Complaint, Side
from plans.models.protocol import Modality, Protocol

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Plan(Record):
    class Status(models.TextChoices):
        ACTIVE = "active"
        COMPLETED = "completed"
        STOPPED = "stopped"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="plans"
    )
    # Without one only where an import brought the plan.
    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="plans", null=True
    )
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    # What outcomes are grouped by: the modality, or the label that an import gave.
    treatment_key = models.SlugField(max_length=60)
    treatment_label = models.CharField(max_length=80)
    provider = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    if TYPE_CHECKING:
        interventions: "RelatedManager[Intervention]"

    class Meta:
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(ended_on__gte=models.F("started_on")),
                name="plan_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_on__isnull=True)
                | ~Q(status="active"),
                name="plan_active_has_no_end",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "-started_on", "-id"], name="plan_list")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id


class Intervention(Record):
    """One thing that is planned or was done."""

    class Status(models.TextChoices):
        PLANNED = "planned"
        PERFORMED = "performed"
        CANCELLED = "cancelled"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="interventions"
    )
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    target = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PLANNED)
    is_index = models.BooleanField(default=False)
    planned_on = models.DateField(null=True)
    performed_on = models.DateField(null=True)
    performed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    detail = models.TextField(blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["planned_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(is_index=True) & ~Q(status="entered_in_error"),
                name="plan_one_index_intervention",
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
                condition=Q(is_index=True, status="planned"),
                name="intervention_to_confirm",
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
