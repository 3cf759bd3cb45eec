from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with
from patients.catalogue import places
from patients.models.complaint import NOTE_LENGTH, Complaint, Side
from patients.models.evaluation import Evaluation, Finding
from patients.models.study import Study

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class SourceHypothesis(Record):
    """Where the pain may come from: added to, superseded, never overwritten."""

    class Certainty(models.TextChoices):
        SUSPECTED = "suspected"
        PROBABLE = "probable"
        CONFIRMED = "confirmed"
        REFUTED = "refuted"

    # Neither replaced by a later entry nor refuted.
    STANDING = models.Q(superseded_on__isnull=True) & ~models.Q(certainty="refuted")
    # What a timeline of the ledger reads of each entry.
    SHOWN_WITH = ("stated_by", "evidence__study", "evidence__finding__evaluation")

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
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    if TYPE_CHECKING:
        evidence: "RelatedManager[Evidence]"

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


class Evidence(Record):
    """What a judgement in the ledger was based on; added with it, never changed."""

    class Stance(models.TextChoices):
        FOR = "for"
        AGAINST = "against"

    class Kind(models.TextChoices):
        FINDING = "finding"
        STUDY = "study"
        INJECTION = "injection", "response to an injection"
        OTHER = "other"

    hypothesis = models.ForeignKey(
        SourceHypothesis, on_delete=models.PROTECT, related_name="evidence"
    )
    stance = models.CharField(max_length=7, choices=Stance)
    kind = models.CharField(max_length=9, choices=Kind)
    # As it read when it was cited: "ankle jerk left 1+", "L5 block, pain 8 to 1".
    label = models.CharField(max_length=300)
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="+", null=True
    )
    study = models.ForeignKey(
        Study, on_delete=models.PROTECT, related_name="cited_in", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"{self.stance}: {self.label}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether what it cites was entered in error; reads the row that it cites."""
        if self.study is not None:
            return self.study.state == Study.State.ENTERED_IN_ERROR
        if self.finding is not None:
            error = Evaluation.State.ENTERED_IN_ERROR
            return self.finding.evaluation.state == error
        return False
