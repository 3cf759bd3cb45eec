from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with
from patients.models.complaint import Complaint, Side

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from patients.models.ledger import Evidence


class Study(Record):
    """Imaging or a nerve test, from the order to the reviewed result."""

    class Kind(models.TextChoices):
        MRI = "mri", "MRI"
        CT = "ct", "CT"
        XRAY = "xray", "X-ray"
        ULTRASOUND = "ultrasound", "ultrasound"
        EMG_NCS = "emg_ncs", "EMG / NCS"

    class State(models.TextChoices):
        ORDERED = "ordered"
        SCHEDULED = "scheduled"
        DONE = "done"
        RECEIVED = "received", "result received"
        REVIEWED = "reviewed"
        CANCELLED = "cancelled"

    class Priority(models.TextChoices):
        ROUTINE = "routine"
        URGENT = "urgent"
        SAME_DAY = "same_day", "same day"

    OPEN = (State.ORDERED, State.SCHEDULED, State.DONE, State.RECEIVED)

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="studies"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    region = models.CharField(max_length=40)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    levels = models.JSONField(default=list)
    priority = models.CharField(
        max_length=8, choices=Priority, default=Priority.ROUTINE
    )
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.ORDERED)
    ordered_on = models.DateField()
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Who sees to it that it happens.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # The day by which the next step should have been taken; null once reviewed.
    due_on = models.DateField(null=True)
    scheduled_for = models.DateField(null=True)
    performed_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Keys of the fixed words for a kind of study.
    results = models.JSONField(default=list)
    report = models.TextField(max_length=8000, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    if TYPE_CHECKING:
        files: "RelatedManager[StudyFile]"
        cited_in: "RelatedManager[Evidence]"

    class Meta:
        ordering = ["-ordered_on", "-id"]
        verbose_name_plural = "studies"
        indexes = [
            models.Index(
                fields=["clinic", "due_on"],
                condition=models.Q(due_on__isnull=False),
                name="study_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.region.replace('_', ' ')}"

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id


class StudyFile(Record):
    """A report as it came; the bytes lie outside the web root under the row's id."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"file {self.pk}"

    @property
    def audit_subject(self) -> UUID:
        return self.study.complaint.patient_id
