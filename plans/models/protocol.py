from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from clinic import access
from clinic.models import Record, readable_with

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Modality(models.TextChoices):
    PHYSICAL_THERAPY = "physical_therapy", "Physical therapy"
    PRP = "prp", "Platelet-rich plasma"
    BONE_MARROW_CONCENTRATE = "bone_marrow_concentrate", "Bone marrow concentrate"
    IMAGE_GUIDED_INJECTION = "image_guided_injection", "Image-guided injection"
    LIFESTYLE = "lifestyle", "Lifestyle"
    OTHER = "other", "Other"


class Anchor(models.TextChoices):
    """What day 0 of the follow-up is."""

    INDEX_PROCEDURE = "index_procedure", "the procedure"
    PLAN_START = "plan_start", "the start of the plan"


class Protocol(Record):
    """A published version of a treatment template; it never changes."""

    key = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    summary = models.TextField()
    anchor = models.CharField(max_length=16, choices=Anchor)
    sources = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    if TYPE_CHECKING:
        steps: "RelatedManager[ProtocolStep]"
        timepoints: "RelatedManager[Timepoint]"

    class Meta:
        ordering = ["modality", "title", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key", "version"], name="protocol_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class ProtocolStep(Record):
    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="steps"
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    planned_day = models.SmallIntegerField(help_text="days from the plan's start")
    is_index = models.BooleanField(default=False)
    detail = models.TextField(blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "position"], name="protocol_step_position_once"
            ),
            models.UniqueConstraint(
                fields=["protocol"],
                condition=Q(is_index=True),
                name="protocol_one_index_step",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Timepoint(Record):
    """When the patient is asked, in days from the anchor."""

    class Who(models.TextChoices):
        PATIENT = "patient"
        CLINICIAN = "clinician"
        BOTH = "both"

    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="timepoints"
    )
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=40)
    offset_days = models.SmallIntegerField()
    open_day = models.SmallIntegerField()
    close_day = models.SmallIntegerField()
    ask_day = models.SmallIntegerField()
    who = models.CharField(max_length=9, choices=Who, default=Who.PATIENT)
    is_baseline = models.BooleanField(default=False)
    is_safety = models.BooleanField(default=False)
    purpose = models.CharField(max_length=200)
    sources = models.JSONField(default=list)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["offset_days", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "key"], name="timepoint_key_once"
            ),
            models.CheckConstraint(
                condition=Q(open_day__lte=F("offset_days"))
                & Q(close_day__gte=F("offset_days")),
                name="timepoint_due_inside_its_window",
            ),
            models.CheckConstraint(
                condition=Q(ask_day__gte=F("open_day"))
                & Q(ask_day__lte=F("close_day")),
                name="timepoint_asked_inside_its_window",
            ),
        ]

    def __str__(self) -> str:
        return self.label
