from uuid import UUID

from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with
from patients.models.complaint import Complaint, Side


class Diagnosis(Record):
    class Role(models.TextChoices):
        SOURCE = "source", "source of the pain"
        CONTRIBUTING = "contributing", "contributes to it"
        INCIDENTAL = "incidental", "incidental"

    class Certainty(models.TextChoices):
        SUSPECTED = "suspected"
        PROBABLE = "probable"
        CONFIRMED = "confirmed"
        REFUTED = "refuted"

    class Status(models.TextChoices):
        ACTIVE = "active"
        RESOLVED = "resolved"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="diagnoses"
    )
    code = models.CharField("ICD-10-CM code", max_length=8)
    # The code's own side or the complaint's: many codes carry none.
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    # Not in our list: kept as typed, and nobody has checked that it exists.
    is_listed = models.BooleanField(default=True)
    # The wording of the release it was chosen from.
    title = models.CharField(max_length=255)
    release = models.CharField(max_length=40)
    role = models.CharField(max_length=12, choices=Role, default=Role.SOURCE)
    certainty = models.CharField(
        max_length=9, choices=Certainty, default=Certainty.SUSPECTED
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=200, blank=True)
    recorded_on = models.DateField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["-recorded_on", "-id"]
        verbose_name_plural = "diagnoses"
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "code"],
                condition=models.Q(status="active"),
                name="diagnosis_once_a_complaint",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def is_standing(self) -> bool:
        """Thought to be so now, however surely; a refuted one stands in no way."""
        is_active = self.status == self.Status.ACTIVE
        return is_active and self.certainty != self.Certainty.REFUTED

    @property
    def named(self) -> str:
        """The title, with the side where the title does not say it."""
        title = self.title or "no name given"
        is_said = self.side == Side.NONE or self.side in title
        return title if is_said else f"{title}, {self.side}"

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id
