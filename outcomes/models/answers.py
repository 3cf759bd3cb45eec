from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, Language, Record, readable_with
from outcomes.models.measures import Instrument, Measure
from outcomes.models.schedule import FollowUp, SurveyRequest
from patients.models import Complaint, Patient, Side

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Provenance(models.TextChoices):
    PATIENT = "patient", "by the patient"
    PROXY = "proxy", "by a caregiver"
    PHONE = "phone", "by phone"
    PAPER = "paper", "on paper"
    KIOSK = "kiosk", "in the clinic"
    CLINIC = "clinic", "by staff in the clinic"
    IMPORT = "import", "imported"


class Response(AppendOnlyModel, Record):
    """One patient's answers at one follow-up: open until sealed, then kept as it is.

    The database itself refuses to change a sealed one; a correction is a revision.
    """

    kept_when: ClassVar[str] = "OLD.state = 'sealed'"
    # Told by day 0, which can move.
    columns_that_change: ClassVar[Sequence[str]] = ("in_window",)

    class State(models.TextChoices):
        OPEN = "open"
        SEALED = "sealed"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="responses"
    )
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="responses"
    )
    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, null=True, related_name="responses"
    )
    # Imports bring scores, not a questionnaire of ours.
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    revision = models.PositiveSmallIntegerField(default=1)
    provenance = models.CharField(max_length=7, choices=Provenance)
    # How it came, where provenance says who answered: a caregiver, on paper.
    mode = models.CharField(max_length=7, choices=Provenance, blank=True)
    language = models.CharField(max_length=2, choices=Language)
    opened_at = models.DateTimeField(default=clock.now)
    sealed_at = models.DateTimeField(null=True)
    # The patient's own calendar day.
    answered_on = models.DateField(null=True)
    in_window = models.BooleanField(default=True)
    # A baseline from memory: its scores count for the day that it tells of.
    is_recalled = models.BooleanField(default=False)
    # Fixed when it was opened: "items" are the link ids that are asked, "known" is
    # what was said before and stands in their words. Empty: what its occasion asks.
    asked = models.JSONField(default=dict)

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    if TYPE_CHECKING:
        answers: "RelatedManager[Answer]"
        scores: "RelatedManager[Score]"

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "revision"], name="response_revision_once"
            ),
            models.UniqueConstraint(
                fields=["follow_up", "instrument"],
                condition=Q(state="open"),
                name="response_one_open_a_questionnaire",
            ),
            models.CheckConstraint(
                condition=Q(state="open", sealed_at__isnull=True)
                | Q(
                    state="sealed",
                    sealed_at__isnull=False,
                    answered_on__isnull=False,
                ),
                name="response_sealed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} response to {self.follow_up_id}"


class Answer(AppendOnlyModel):
    kept_when: ClassVar[str] = (
        "EXISTS (SELECT 1 FROM outcomes_response r"
        " WHERE r.id = OLD.response_id AND r.state = 'sealed')"
    )

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    link_id = models.CharField(max_length=60)
    # None where the patient could not tell or left it empty: an answer, and never 0.
    value = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    # What was written, where the question asks for words.
    text = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(default=clock.now)

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "link_id"], name="answer_once_a_question"
            )
        ]

    def __str__(self) -> str:
        return f"{self.link_id} of {self.response_id}"

    @property
    def given(self) -> Decimal | str | None:
        """What was answered; None where the patient could not tell."""
        return self.text or self.value


class Score(Record):
    """A measured value of a complaint on a day, whatever plan was running."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="scores"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="scores", db_index=False
    )
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    site = models.CharField(max_length=40, blank=True)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    measured_at = models.DateTimeField()
    measured_on = models.DateField()
    value = models.DecimalField(max_digits=12, decimal_places=6)
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, null=True, related_name="scores"
    )
    provenance = models.CharField(max_length=7, choices=Provenance)
    algorithm_version = models.CharField(max_length=20)
    input_sha256 = models.CharField(max_length=64)

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    class Meta:
        ordering = ["measured_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "measure"], name="score_once_a_response"
            )
        ]
        indexes = [
            models.Index(
                fields=["complaint", "measure", "measured_on"], name="score_course"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}: {self.value} on {self.measured_on}"
