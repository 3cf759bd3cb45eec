from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from clinic import access, clock
from clinic.models import Record, readable_with
from patients.catalogue import places
from patients.models.patient import Patient, validate_lived, validate_past

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

NOTE_LENGTH = 4000


class Side(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"
    NONE = "none", "no side"


class Complaint(Record):
    """One pain the patient came with; both sides make two. The unit of outcomes."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="complaints"
    )
    title = models.CharField(max_length=120, blank=True)
    pain_site = models.CharField(max_length=40)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    onset_on = models.DateField(null=True, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    if TYPE_CHECKING:
        hypotheses: "RelatedManager[SourceHypothesis]"
        diagnoses: "RelatedManager[Diagnosis]"

    class Meta:
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(side__in=Side.values), name="complaint_side_known"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("opened_on")),
                name="complaint_closes_after_it_opens",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "-opened_on", "-id"], name="complaint_list")
        ]

    def __str__(self) -> str:
        return self.title or f"{self.site_phrase('en').capitalize()} pain"

    @property
    def english_site(self) -> str:
        return self.site_phrase("en")

    def site_phrase(self, language: str) -> str:
        """Where it hurts in words, such as "left foot" or "pie izquierdo"."""
        return places.site_phrase(self.pain_site, self.side, language)

    @property
    def current_source(self) -> "SourceHypothesis | None":
        """The newest entry of the ledger that still stands; uses a prefetch."""
        standing = [h for h in self.hypotheses.all() if h.is_standing]
        return max(standing, key=lambda h: (h.stated_on, h.pk), default=None)

    def clean(self) -> None:
        today = clock.today(self.patient.time_zone)
        validate_past("onset_on", self.onset_on, today)
        validate_past("opened_on", self.opened_on, today)
        validate_lived("onset_on", self.onset_on, self.patient)
        validate_lived("opened_on", self.opened_on, self.patient)
        # A text column holds more than its max_length; only forms look at that.
        if len(self.note) > NOTE_LENGTH:
            raise ValidationError({"note": f"Use at most {NOTE_LENGTH} characters."})


class SourceHypothesis(Record):
    """Where the pain may come from: added to, superseded, never overwritten."""

    class Certainty(models.TextChoices):
        SUSPECTED = "suspected"
        PROBABLE = "probable"
        CONFIRMED = "confirmed"
        REFUTED = "refuted"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="hypotheses"
    )
    source = models.CharField(max_length=40)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    certainty = models.CharField(
        max_length=9, choices=Certainty, default=Certainty.SUSPECTED
    )
    stated_on = models.DateField()
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    superseded_on = models.DateField(null=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["-stated_on", "-id"]
        verbose_name_plural = "source hypotheses"

    def __str__(self) -> str:
        return f"{self.label}, {self.certainty}"

    @property
    def label(self) -> str:
        return places.pain_sources()[self.source].label

    @property
    def is_standing(self) -> bool:
        """Neither replaced by a later entry nor ruled out."""
        return self.superseded_on is None and self.certainty != self.Certainty.REFUTED

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id


class Diagnosis(Record):
    class Role(models.TextChoices):
        SOURCE = "source", "source of the pain"
        SITE = "site", "where it hurts"
        COMORBID = "comorbid", "other condition"

    class Certainty(models.TextChoices):
        PROVISIONAL = "provisional"
        CONFIRMED = "confirmed"
        REFUTED = "refuted"

    class Status(models.TextChoices):
        ACTIVE = "active"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="diagnoses"
    )
    code = models.CharField("ICD-10-CM code", max_length=8)
    # The wording of the release it was chosen from.
    title = models.CharField(max_length=255)
    release = models.CharField(max_length=40)
    role = models.CharField(max_length=8, choices=Role, default=Role.SOURCE)
    certainty = models.CharField(
        max_length=11, choices=Certainty, default=Certainty.PROVISIONAL
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
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
        return f"{self.code} {self.title}"

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id
