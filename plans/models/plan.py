from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Record, readable_with
from patients.models import Complaint
from plans.models.protocol import Comparison, Modality, Protocol

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from plans.models.intervention import Intervention


class Plan(Record):
    class Status(models.TextChoices):
        DRAFT = "draft"
        PROPOSED = "proposed"
        ACTIVE = "active"
        ON_HOLD = "on_hold", "on hold"
        COMPLETED = "completed"
        STOPPED = "stopped"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    # Not begun: nothing is asked and nothing is done yet.
    INTENDED = (Status.DRAFT, Status.PROPOSED)
    RUNNING = (Status.ACTIVE, Status.ON_HOLD)
    ENDED = (Status.COMPLETED, Status.STOPPED)

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
    # Why it stands as it does: on hold, declined, stopped, entered in error.
    status_reason = models.CharField(max_length=200, blank=True)
    # Of a plan that is not begun, the day it is meant to.
    started_on = models.DateField()
    hold_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    if TYPE_CHECKING:
        interventions: "RelatedManager[Intervention]"
        goals: "RelatedManager[Goal]"

    class Meta:
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(ended_on__gte=models.F("started_on")),
                name="plan_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(status__in=["completed", "stopped", "entered_in_error"]),
                name="plan_running_has_no_end",
            ),
            models.CheckConstraint(
                condition=Q(hold_until__isnull=True) | Q(status="on_hold"),
                name="plan_held_only_on_hold",
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


class Goal(Record):
    """What this patient's plan aims at: a value of a measure by a day."""

    class Status(models.TextChoices):
        OPEN = "open"
        DROPPED = "dropped"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals")
    # A key of plans/protocols/data/measures.csv.
    measure = models.SlugField(max_length=60)
    comparison = models.CharField(max_length=15, choices=Comparison)
    target = models.DecimalField(max_digits=8, decimal_places=2)
    due_on = models.DateField()
    # The patient's own words for it.
    words = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.OPEN)
    status_reason = models.CharField(max_length=200, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.measure} {self.get_comparison_display()} {self.target}"

    @property
    def audit_subject(self) -> UUID:
        return self.plan.complaint.patient_id
