from django.db import models
from django.db.models import F, Q

from clinic import access
from clinic.models import Record, readable_with
from outcomes.models.measures import Measure


class ImportantChange(Record):
    """How much change matters on a measure, as this clinic's own patients call it.

    Counted anew each night. Points of improvement: positive is better, whichever way
    the measure runs.
    """

    class WhyNot(models.TextChoices):
        """Why there is no estimate."""

        NONE = "", "there is one"
        NOT_COUNTED = "not counted", "not counted yet"
        TOO_FEW = "too few", "too few answers"
        ALL_ALIKE = "all alike", "nobody changed differently from anybody else"

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="+")
    # When it was last begun, also where that came to nothing, and when it was done.
    begun_at = models.DateTimeField(null=True)
    computed_at = models.DateTimeField(null=True)
    # Courses that count, whatever they answered, and those of the two steps.
    n = models.PositiveIntegerField(default=0)
    better_n = models.PositiveIntegerField(default=0)
    same_n = models.PositiveIntegerField(default=0)
    baseline_mean = models.FloatField(null=True)
    better_mean = models.FloatField(null=True)
    same_mean = models.FloatField(null=True)
    # Spearman's, of the answer and the improvement.
    correlation = models.FloatField(null=True)
    mean_change = models.FloatField(null=True)
    mean_change_low = models.FloatField(null=True)
    mean_change_high = models.FloatField(null=True)
    # The cut, null where none tells the two steps apart.
    roc = models.FloatField(null=True)
    roc_low = models.FloatField(null=True)
    roc_high = models.FloatField(null=True)
    sensitivity = models.FloatField(null=True)
    specificity = models.FloatField(null=True)
    why_not = models.CharField(
        max_length=11, choices=WhyNot, default=WhyNot.NOT_COUNTED, blank=True
    )

    objects = readable_with(access.Act.READ_COHORT).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "measure"], name="important_change_once_a_measure"
            ),
            models.CheckConstraint(
                condition=Q(
                    why_not="",
                    mean_change__isnull=False,
                    mean_change_low__isnull=False,
                    mean_change_high__isnull=False,
                )
                | (~Q(why_not="") & Q(mean_change__isnull=True, roc__isnull=True)),
                name="important_change_or_why_not",
            ),
            models.CheckConstraint(
                condition=Q(n__gte=F("better_n") + F("same_n")),
                name="important_change_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"important change of {self.measure_id}"
