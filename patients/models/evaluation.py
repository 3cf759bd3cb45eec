from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models

from clinic import access, clock
from clinic.models import Record, readable_with
from patients.models.complaint import Complaint, Side
from patients.models.patient import validate_lived, validate_past

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

VALUE_LENGTH = 2000
# The findings that the body map holds.
MAP_CODES = ("pain_regions", "pain_worst")


class Evaluation(Record):
    """One dated look at a complaint: intake, history, examination.

    A draft takes findings as they are entered; signed, it stays as it is.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SIGNED = "signed"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="evaluations"
    )
    examined_on = models.DateField()
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    state_reason = models.CharField(max_length=200, blank=True)
    # The questions, rules and wordings that it was made with.
    catalogue_version = models.CharField(max_length=20)
    # Counts the saves; a form says which one it was filled in upon.
    revision = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    signed_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    if TYPE_CHECKING:
        findings: "RelatedManager[Finding]"

    class Meta:
        ordering = ["-examined_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="signed", signed_at__isnull=False)
                | ~models.Q(state="signed"),
                name="evaluation_signed_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "-examined_on", "-id"], name="evaluation_list"
            )
        ]

    def __str__(self) -> str:
        return f"Evaluation of {clock.in_words(self.examined_on)}"

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id

    @property
    def pain_regions(self) -> list[str]:
        """Where on the body map it hurts; uses a prefetch of the findings."""
        return [region for region in self._on_map("pain_regions").split(",") if region]

    @property
    def worst_region(self) -> str:
        return self._on_map("pain_worst")

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_in_error(self) -> bool:
        """Kept, and counted nowhere."""
        return self.state == self.State.ENTERED_IN_ERROR

    def _on_map(self, code: str) -> str:
        standing = [f for f in self.findings.all() if f.replaced_in is None]
        return next((f.value for f in standing if f.code == code), "")

    def clean(self) -> None:
        patient = self.complaint.patient
        validate_past("examined_on", self.examined_on, clock.today(patient.time_zone))
        validate_lived("examined_on", self.examined_on, patient)


class Finding(Record):
    """One thing that was asked or examined; what nobody recorded has no row.

    A later entry replaces an earlier one, which is kept with who said it.
    """

    class Informant(models.TextChoices):
        PATIENT = "patient", "the patient"
        STAFF = "staff", "staff"

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="findings"
    )
    # A key of catalogue.findings; it says what the value means.
    code = models.CharField(max_length=40)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    value = models.CharField(max_length=VALUE_LENGTH)
    since_on = models.DateField(null=True)
    informant = models.CharField(
        max_length=7, choices=Informant, default=Informant.STAFF
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # The saves of the evaluation that brought it and that replaced it.
    revision = models.PositiveIntegerField()
    replaced_in = models.PositiveIntegerField(null=True)
    # Null where the patient took back or changed their own answer.
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "code", "side"],
                condition=models.Q(replaced_in__isnull=True),
                name="finding_once_an_evaluation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.evaluation_id}"
