from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models

from clinic import access, clock
from clinic.models import ClinicQuerySet, Record
from patients.catalogue import places
from patients.models.patient import Patient, validate_lived, validate_past

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from patients.models.diagnosis import Diagnosis
    from patients.models.evaluation import Evaluation
    from patients.models.ledger import SourceHypothesis
    from patients.models.study import Study

NOTE_LENGTH = 4000
# A foot drop that had lasted less was the likeliest to recover (FD_SCOPING2025).
BEST_RECOVERY_DAYS = 30


class Side(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"
    NONE = "none", "no side"


class ComplaintQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_CLINICAL

    def with_running_clock(self) -> Self:
        """Those with a weakness that nobody has called over, the most urgent first."""
        kinds = [
            models.When(deficit_kind=kind, then=models.Value(rank))
            for rank, kind in enumerate(Complaint.Deficit)
        ]
        return self.filter(
            deficit_since__isnull=False, deficit_ended_on__isnull=True
        ).order_by(models.Case(*kinds, default=len(kinds)), "deficit_since", "pk")


class Complaint(Record):
    """One pain the patient came with; both sides make two. The unit of outcomes."""

    class Deficit(models.TextChoices):
        """Most urgent first."""

        CAUDA_EQUINA = "cauda_equina", "cauda equina signs"
        FOOT_DROP = "foot_drop", "foot drop"
        WEAKNESS = "weakness", "weakness"

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
    # The early-intervention clock: since when a weakness has stood untreated.
    deficit_kind = models.CharField(
        max_length=12, choices=Deficit, blank=True, editable=False
    )
    deficit_since = models.DateField(null=True, editable=False)
    deficit_ended_on = models.DateField(null=True, editable=False)
    deficit_end_reason = models.CharField(max_length=200, blank=True, editable=False)

    objects = ComplaintQuerySet.as_manager()

    if TYPE_CHECKING:
        hypotheses: "RelatedManager[SourceHypothesis]"
        diagnoses: "RelatedManager[Diagnosis]"
        evaluations: "RelatedManager[Evaluation]"
        studies: "RelatedManager[Study]"

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
            models.Index(fields=["clinic", "-opened_on", "-id"], name="complaint_list"),
            models.Index(
                fields=["clinic", "deficit_since"],
                condition=models.Q(
                    deficit_since__isnull=False, deficit_ended_on__isnull=True
                ),
                name="complaint_running_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.site_phrase('en').capitalize()} pain"

    @property
    def english_site(self) -> str:
        return self.site_phrase("en")

    @property
    def is_clock_running(self) -> bool:
        """Whether a weakness stands that nobody has called over."""
        return self.deficit_since is not None and self.deficit_ended_on is None

    @property
    def deficit_days(self) -> int | None:
        """Days since a standing weakness began; reads the patient and their clinic."""
        if self.deficit_since is None or self.deficit_ended_on is not None:
            return None
        return (clock.today(self.patient.time_zone) - self.deficit_since).days

    @property
    def is_clock_pressing(self) -> bool:
        """Function is being lost, or the time in which it comes back best is over."""
        is_mild = self.deficit_kind == self.Deficit.WEAKNESS
        return not is_mild or (self.deficit_days or 0) >= BEST_RECOVERY_DAYS

    def site_phrase(self, language: str) -> str:
        """Where it hurts in words, such as "left foot" or "pie izquierdo"."""
        return places.site_phrase(self.pain_site, self.side, language)

    @property
    def current_source(self) -> "SourceHypothesis | None":
        """The newest entry of the ledger that still stands; uses a prefetch."""
        standing = [h for h in self.hypotheses.all() if h.is_standing]
        return max(standing, key=lambda h: (h.stated_on, h.pk), default=None)

    @property
    def draft(self) -> "Evaluation | None":
        """The evaluation that is being filled in; uses a prefetch."""
        return next((e for e in self.evaluations.all() if e.is_draft), None)

    @property
    def mapped(self) -> "Evaluation | None":
        """The newest evaluation that holds a body map; uses a prefetch."""
        counted = (e for e in self.evaluations.all() if not e.is_in_error)
        return next((e for e in counted if e.pain_regions), None)

    def clean(self) -> None:
        today = clock.today(self.patient.time_zone)
        validate_past("onset_on", self.onset_on, today)
        validate_past("opened_on", self.opened_on, today)
        validate_lived("onset_on", self.onset_on, self.patient)
        validate_lived("opened_on", self.opened_on, self.patient)
        # A text column holds more than its max_length; only forms look at that.
        if len(self.note) > NOTE_LENGTH:
            raise ValidationError({"note": f"Use at most {NOTE_LENGTH} characters."})
