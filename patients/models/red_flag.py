from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from clinic import access, clock
from clinic.models import AppendOnlyModel, ClinicQuerySet, Record, readable_with
from patients.catalogue import red_flags
from patients.models.complaint import Complaint
from patients.models.evaluation import Evaluation
from patients.models.patient import Patient

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class OfPersonQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_CLINICAL

    def of_person(self, patient: Patient) -> Self:
        """Those of a record and of all that are read as one with it."""
        kept = patient.kept_id
        return self.filter(models.Q(patient=kept) | models.Q(patient__merged_into=kept))


class RedFlagQuerySet(OfPersonQuerySet):
    def standing(self) -> Self:
        """Open or acted on, the most urgent first and the oldest of those."""
        # Said as the index says it, so that both databases use it.
        found = self.exclude(state=RedFlag.State.CLOSED)
        return found.order_by("tier", "raised_at", "pk")

    def gates(self) -> Self:
        """Urgent, and nobody has acted yet (`RedFlag.is_gate`)."""
        urgent = (RedFlag.Tier.E0, RedFlag.Tier.E1)
        return self.filter(state=RedFlag.State.OPEN, tier__in=urgent)

    def for_pages(self) -> Self:
        """With what a row of a page reads, in two queries."""
        return self.select_related(
            *("patient__clinic", "patient__merged_into__clinic", "complaint"),
            *("acknowledged_by", "closed_by"),
        ).prefetch_related("events__by")


class RedFlag(Record):
    """A finding or an answer that cannot wait; acted on and closed by a clinician."""

    class Tier(models.TextChoices):
        E0 = "E0", "emergency now"
        E1 = "E1", "same day"
        E2 = "E2", "within 2 weeks"
        E3 = "E3", "before the plan"

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        CLOSED = "closed"

    class Informant(models.TextChoices):
        PATIENT = "patient", "the patient"
        STAFF = "staff", "staff"

    STANDING = (State.OPEN, State.ACKNOWLEDGED)

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="red_flags"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="red_flags", null=True
    )
    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="red_flags", null=True
    )
    # A key of catalogue.red_flags, such as RF01.
    flag = models.CharField(max_length=4)
    tier = models.CharField(max_length=2, choices=Tier)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    informant = models.CharField(max_length=7, choices=Informant)
    raised_at = models.DateTimeField(default=clock.now)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    action = models.TextField(max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = RedFlagQuerySet.as_manager()

    if TYPE_CHECKING:
        events: "RelatedManager[RedFlagEvent]"

    class Meta:
        ordering = ["tier", "raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "flag"],
                condition=~models.Q(state="closed"),
                name="red_flag_stands_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", acknowledged_at__isnull=True)
                | models.Q(acknowledged_at__isnull=False, action__gt=""),
                name="red_flag_acknowledged_with_an_action",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "tier", "raised_at"],
                condition=~models.Q(state="closed"),
                name="red_flag_standing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.flag} {self.tier}, {self.state}"

    @property
    def rule(self) -> red_flags.RedFlagRule:
        """What the catalogue says: what it is about, what to do, on what grounds."""
        return red_flags.red_flags()[self.flag]

    @property
    def found(self) -> str:
        """What an examination showed or was answered, in words; uses the prefetch."""
        return self.reason or self.rule.finding

    @property
    def who_said_it(self) -> str:
        """Such as "recorded by Dr Okafor"; uses a prefetch of the events."""
        if self.informant == self.Informant.PATIENT:
            return "said by the patient"
        authors = [event.by.name for event in self.events.all() if event.by]
        return f"recorded by {authors[0]}" if authors else "recorded by staff"

    @property
    def stood_for(self) -> timedelta:
        return clock.now() - self.raised_at

    @property
    def acted_on_after(self) -> timedelta | None:
        """The time to the first action."""
        if self.acknowledged_at is None:
            return None
        return self.acknowledged_at - self.raised_at

    @property
    def is_urgent(self) -> bool:
        return self.tier in (self.Tier.E0, self.Tier.E1)

    @property
    def reason(self) -> str:
        """What an examination showed, in words; empty where it was an answer.

        Uses a prefetch of the events.
        """
        notes = [e.note for e in self.events.all() if e.kind in RAISING]
        found = [note for note in notes if note not in ("", MERGED)]
        return found[-1] if found else ""

    @property
    def is_gate(self) -> bool:
        """Keeps the origin checklist shut: urgent, and nobody has acted yet."""
        return self.is_urgent and self.state == self.State.OPEN


# The kinds of events whose note says what was found.
RAISING = ("raised", "tier_raised", "repeated")
# The note where a merge made it more urgent: why, and nothing that was found.
MERGED = "two records of this person were merged"


class RedFlagEvent(AppendOnlyModel):
    """What happened to a red flag, in order; nothing of it can be taken back."""

    class Kind(models.TextChoices):
        RAISED = "raised"
        REPEATED = "repeated", "reported again"
        TIER_RAISED = "tier_raised", "became more urgent"
        DENIED = "denied", "answered no later"
        ACKNOWLEDGED = "acknowledged"
        NOTED = "noted"
        CLOSED = "closed"

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+"
    )
    red_flag = models.ForeignKey(
        RedFlag, on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=12, choices=Kind)
    tier = models.CharField(max_length=2, choices=RedFlag.Tier)
    # None where it was the patient's own answer.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    note = models.CharField(max_length=1000, blank=True)

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class RedFlagBaseline(Record):
    """How it has long been, dated by a clinician: only new or worse is a flag then."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="red_flag_baselines"
    )
    flag = models.CharField(max_length=4)
    stands_since = models.DateField()
    note = models.CharField(max_length=400)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_on = models.DateField(null=True)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "flag"],
                condition=models.Q(ended_on__isnull=True),
                name="red_flag_baseline_one_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.flag} since {self.stands_since}"

    @property
    def rule(self) -> red_flags.RedFlagRule:
        return red_flags.red_flags()[self.flag]
