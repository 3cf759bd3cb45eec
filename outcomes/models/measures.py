from decimal import Decimal
from typing import Literal

from django.db import models
from django.db.models import F, Q

from clinic import access
from clinic.models import AppendOnlyModel, Record, User, readable_with


class Measure(Record):
    """What is measured: shipped with the product, or named by an import."""

    class Role(models.TextChoices):
        """Which part of the body the value is about."""

        SITE = "site", "the complaint's own site"
        BACK = "back", "the back"
        NONE = "none", "no body part"

    class Better(models.TextChoices):
        LOWER = "lower", "lower is better"
        HIGHER = "higher", "higher is better"

    class Origin(models.TextChoices):
        SHIPPED = "shipped"
        IMPORT = "import"
        CLINIC = "clinic"

    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60)
    role = models.CharField(max_length=4, choices=Role, default=Role.NONE)
    minimum = models.DecimalField(max_digits=12, decimal_places=6)
    maximum = models.DecimalField(max_digits=12, decimal_places=6)
    better_is = models.CharField(max_length=6, choices=Better)
    # The smallest change that matters to patients, in points or percent of baseline.
    mic_points = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    mic_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    # What one person's measurement may be off by, and where most call it acceptable.
    mdc_points = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    pass_at = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    is_asked_at_baseline = models.BooleanField(default=True)
    sources = models.JSONField(default=list)
    origin = models.CharField(max_length=7, choices=Origin, default=Origin.SHIPPED)
    position = models.PositiveSmallIntegerField(default=0)

    objects = readable_with(access.Act.READ_COHORT).as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key"], name="measure_once_a_clinic"
            ),
            models.CheckConstraint(
                condition=Q(minimum__lt=F("maximum")), name="measure_has_a_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def direction(self) -> Literal["lower", "higher"]:
        """Which way is better, as the statistics and the charts want it."""
        return "lower" if self.better_is == self.Better.LOWER else "higher"

    @property
    def has_important_change(self) -> bool:
        return self.mic_points is not None or self.mic_percent is not None

    @property
    def takes_percent(self) -> bool:
        """Whether a percentage of the baseline alone says what change is important."""
        return self.mic_points is None and self.mic_percent is not None

    def contains(self, value: Decimal) -> bool:
        return self.minimum <= value <= self.maximum


class Instrument(AppendOnlyModel, Record):
    """A version of a questionnaire that never changes; answers are pinned to it."""

    class Origin(models.TextChoices):
        SHIPPED = "shipped", "ships with Mendline"
        CLINIC = "clinic", "brought by the clinic"

    key = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64)
    origin = models.CharField(max_length=7, choices=Origin, default=Origin.SHIPPED)
    # On what ground a clinic uses the text, in the words of whoever published it.
    licence = models.TextField(max_length=1000, blank=True)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key", "version"], name="instrument_version_once"
            ),
            models.CheckConstraint(
                condition=Q(origin="shipped") | ~Q(licence=""),
                name="instrument_of_a_clinic_has_a_licence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"
