"""What was used and what went wrong: lots to recall by, and adverse events."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import AppendOnlyModel, Record, readable_with
from patients.models import Complaint, Patient
from plans.models.intervention import Intervention


class LotUse(Record):
    """A kit, drug or device that an intervention used, as its label says."""

    class Kind(models.TextChoices):
        KIT = "kit"
        CENTRIFUGE = "centrifuge"
        CONCENTRATOR = "concentrator"
        DRUG = "drug"
        CONTRAST = "contrast", "contrast agent"
        DEVICE = "device", "other device"

    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, related_name="lots"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.KIT)
    name = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    # As they are searched by: without case and spare spaces.
    name_key = models.CharField(max_length=80, blank=True)
    lot_key = models.CharField(max_length=60, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="", lot=""), name="lot_use_names_something"
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "lot_key", "intervention"], name="lot_by_lot"
            ),
            models.Index(
                fields=["clinic", "name_key", "intervention"], name="lot_by_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} lot {self.lot}".strip()

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject


class AdverseEvent(Record):
    """Something bad that happened to a patient; whether by a treatment is rated."""

    class Origin(models.TextChoices):
        STAFF = "staff", "entered by staff"
        FREE_TEXT = "free_text", "from a patient's words"
        ANSWER = "answer", "from a patient's answer"

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    class Relatedness(models.TextChoices):
        UNRELATED = "unrelated"
        UNLIKELY = "unlikely"
        POSSIBLE = "possible"
        PROBABLE = "probable"
        DEFINITE = "definite"

    class Outcome(models.TextChoices):
        RECOVERED = "recovered"
        RECOVERING = "recovering"
        ONGOING = "ongoing"
        SEQUELAE = "sequelae", "recovered with sequelae"
        FATAL = "fatal"
        UNKNOWN = "unknown"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="adverse_events"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="adverse_events"
    )
    # What it is suspected to come from.
    intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, null=True, related_name="adverse_events"
    )
    origin = models.CharField(max_length=9, choices=Origin, default=Origin.STAFF)
    onset_on = models.DateField()
    category = models.CharField(max_length=40)
    description = models.TextField(blank=True)
    is_serious = models.BooleanField(null=True)
    is_expected = models.BooleanField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNKNOWN)
    resolved_on = models.DateField(null=True)
    reported_to = models.JSONField(default=list)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    status_reason = models.CharField(max_length=200, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["-onset_on", "-id"]
        indexes = [
            models.Index(fields=["clinic", "-onset_on", "-id"], name="adverse_list")
        ]

    def __str__(self) -> str:
        return f"{self.category} on {self.onset_on}"


class AdverseEventRating(AppendOnlyModel, Record):
    """What one rater thinks of it; who thinks again adds another row.

    Grades are the five general steps of CTCAE: 1 mild, 2 moderate, 3 severe,
    4 life-threatening, 5 death.
    """

    event = models.ForeignKey(
        AdverseEvent, on_delete=models.PROTECT, related_name="ratings"
    )
    rater = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    grade = models.PositiveSmallIntegerField()
    relatedness = models.CharField(max_length=9, choices=AdverseEvent.Relatedness)
    note = models.CharField(max_length=300, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=5), name="adverse_grade_1_to_5"
            )
        ]

    def __str__(self) -> str:
        return f"grade {self.grade}, {self.relatedness}"

    @property
    def audit_subject(self) -> UUID:
        return self.event.patient_id
