from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, Record, readable_with

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Modality(models.TextChoices):
    PHYSICAL_THERAPY = "physical_therapy", "Physical therapy"
    PRP = "prp", "Platelet-rich plasma"
    BONE_MARROW_CONCENTRATE = "bone_marrow_concentrate", "Bone marrow concentrate"
    IMAGE_GUIDED_INJECTION = "image_guided_injection", "Image-guided injection"
    LIFESTYLE = "lifestyle", "Lifestyle"
    OTHER = "other", "Other"


# Something goes through the skin: a needle, and all that must be asked before one.
NEEDLE = frozenset(
    {
        Modality.PRP,
        Modality.BONE_MARROW_CONCENTRATE,
        Modality.IMAGE_GUIDED_INJECTION,
    }
)


class Anchor(models.TextChoices):
    """What day 0 of the follow-up is."""

    INDEX_PROCEDURE = "index_procedure", "the procedure"
    PLAN_START = "plan_start", "the start of the plan"


class Comparison(models.TextChoices):
    """How a goal's target is read."""

    AT_MOST = "at_most", "at most"
    AT_LEAST = "at_least", "at least"
    LESS_BY_PERCENT = "less_by_percent", "less by (%)"


class Protocol(AppendOnlyModel, Record):
    """A published version of a treatment template; what it says never changes."""

    columns_that_change = ("retired_at",)

    key = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    # What the treatment is called and grouped by; a combined one names its main part.
    modality = models.CharField(max_length=24, choices=Modality)
    # What a starter was written for, such as "stenosis"; empty for any.
    condition = models.CharField(max_length=40, blank=True)
    summary = models.TextField()
    anchor = models.CharField(max_length=16, choices=Anchor)
    sources = models.JSONField(default=list)
    # Asked every year after its own time points, until this one; 0: not at all.
    yearly_until = models.PositiveSmallIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=clock.now)
    # None for a version that came with the product.
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    change_note = models.CharField(max_length=300, blank=True)
    # Offered no more for new plans; those that run keep it.
    retired_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    if TYPE_CHECKING:
        steps: "RelatedManager[ProtocolStep]"
        timepoints: "RelatedManager[Timepoint]"
        goals: "RelatedManager[ProtocolGoal]"
        rungs: "RelatedManager[ReminderRung]"

    class Meta:
        ordering = ["modality", "title", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key", "version"], name="protocol_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class ProtocolStep(AppendOnlyModel, Record):
    class Who(models.TextChoices):
        PROVIDER = "provider"
        THERAPIST = "therapist"
        ASSISTANT = "assistant"
        PATIENT = "patient"

    # Keys by which protocols name a look back at a treatment, which is none itself.
    REVIEWS = ("recheck", "review")

    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="steps"
    )
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    modality = models.CharField(max_length=24, choices=Modality)
    kind = models.CharField(max_length=40, blank=True)
    # Days are counted from this step's last repeat; empty: from the plan's start.
    after = models.SlugField(max_length=40, blank=True)
    offset_days = models.SmallIntegerField()
    repeats = models.PositiveSmallIntegerField(default=1)
    every_days = models.PositiveSmallIntegerField(default=0)
    who = models.CharField(max_length=10, choices=Who, default=Who.PROVIDER)
    # Day 0 of the follow-up is its last repeat.
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
                fields=["protocol", "key"], name="protocol_step_key_once"
            ),
            models.UniqueConstraint(
                fields=["protocol"],
                condition=Q(is_index=True),
                name="protocol_one_index_step",
            ),
            models.CheckConstraint(
                condition=Q(repeats__gte=1), name="protocol_step_at_least_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def title_of(self, number: int | None) -> str:
        """Of one of its repeats; None where there is one only."""
        if self.repeats == 1 or number is None:
            return self.title
        return f"{self.title}, {number} of {self.repeats}"


class Timepoint(AppendOnlyModel, Record):
    """When the patient is asked, in days from the anchor, and what."""

    class Who(models.TextChoices):
        PATIENT = "patient"
        CLINICIAN = "clinician"
        BOTH = "both"

    class Grounded(models.TextChoices):
        VERIFIED = "verified"
        MIXED = "mixed"
        RECALLED = "recalled"
        PROPOSAL = "proposal"
        POLICY = "policy", "clinic policy"

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
    # Keys of plans/protocols/data/measures.csv.
    measures = models.JSONField(default=list)
    optional_measures = models.JSONField(default=list)
    purpose = models.CharField(max_length=200)
    # What speaks for asking then, and how sure that is.
    grounding = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Grounded, blank=True)
    sources = models.JSONField(default=list)
    # Made of the protocol's `yearly_until`, and no row of its document.
    is_yearly = models.BooleanField(default=False)

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


class ProtocolGoal(AppendOnlyModel, Record):
    """What a plan from this protocol aims at, to be adjusted for each patient."""

    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="goals"
    )
    position = models.PositiveSmallIntegerField()
    measure = models.SlugField(max_length=60)
    comparison = models.CharField(max_length=15, choices=Comparison)
    target = models.DecimalField(max_digits=8, decimal_places=2)
    # Counted from day 0, as the time points are.
    by_day = models.SmallIntegerField()
    words = models.CharField(max_length=200, blank=True)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "position"], name="protocol_goal_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.get_comparison_display()} {self.target}"


class ReminderRung(AppendOnlyModel, Record):
    """One step of the ladder that a silent time point climbs."""

    class Channel(models.TextChoices):
        PREFERRED = "preferred", "the preferred channel"
        OTHER = "other", "the other channel"
        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"
        CALL = "call", "a call by staff"
        RESCUE = "rescue", "three-tap rescue"

    protocol = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, related_name="rungs"
    )
    # Safety checks climb a ladder of their own.
    is_safety = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    after_days = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=9, choices=Channel)

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        ordering = ["is_safety", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "is_safety", "position"], name="rung_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"day {self.after_days}: {self.get_channel_display()}"


class ProtocolDraft(Record):
    """What the next version of a protocol will say: one document until published."""

    key = models.SlugField(max_length=60)
    based_on = models.ForeignKey(
        Protocol, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # A ProtocolDefinition as plain JSON; checked when it is published.
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_PLANS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key"], name="protocol_draft_one_a_key"
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.key}"
