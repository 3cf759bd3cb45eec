from datetime import date, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Q, Value, When

from clinic import access, clock
from clinic.models import ClinicQuerySet, Record, User, readable_with
from patients.catalogue import study_deadlines, study_words
from patients.models.complaint import Complaint, Side

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from patients.models.ledger import Evidence

RUNNING_CLOCK = Q(
    complaint__deficit_since__isnull=False, complaint__deficit_ended_on__isnull=True
)


class StudyQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_CLINICAL

    def open(self) -> Self:
        """Those that still need somebody."""
        return self.filter(state__in=Study.OPEN)

    def overdue(self, user: User | AnonymousUser, today: date) -> Self:
        """Open studies of the user's clinic whose next step should have been taken.

        Most urgent first, with all that a row on a page shows: one query.
        """
        late = self.visible_to(user).open().filter(due_on__lt=today)
        return late.with_people().most_urgent_first(today)

    def with_people(self) -> Self:
        return self.select_related(
            "complaint__patient__clinic",
            "complaint__patient__merged_into__clinic",
            "owner",
        )

    def most_urgent_first(self, today: date) -> Self:
        """Overdue before the rest; among each, a running weakness first.

        What is due today counts as overdue where a weakness runs.
        """
        kinds = study_deadlines.DEFICITS
        ranks = [
            When(RUNNING_CLOCK & Q(complaint__deficit_kind=kind), then=Value(rank))
            for rank, kind in enumerate(kinds)
        ]
        is_pressing = Q(due_on__lt=today) | RUNNING_CLOCK & Q(due_on=today)
        return self.order_by(
            Case(When(is_pressing, then=Value(0)), default=Value(1)),
            Case(*ranks, default=Value(len(kinds))),
            "due_on",
            "pk",
        )


class Study(Record):
    """Imaging or a nerve test, from the order to the reviewed result."""

    class Kind(models.TextChoices):
        MRI = "mri", "MRI"
        CT = "ct", "CT"
        XRAY = "xray", "X-ray"
        ULTRASOUND = "ultrasound", "ultrasound"
        EMG_NCS = "emg_ncs", "EMG / NCS"

    class State(models.TextChoices):
        ORDERED = "ordered"
        SCHEDULED = "scheduled"
        DONE = "done"
        RECEIVED = "received", "result received"
        REVIEWED = "reviewed"
        CANCELLED = "cancelled"
        ENTERED_IN_ERROR = "entered_in_error", "entered in error"

    class Priority(models.TextChoices):
        ROUTINE = "routine"
        URGENT = "urgent"
        SAME_DAY = "same_day", "same day"

    OPEN = (State.ORDERED, State.SCHEDULED, State.DONE, State.RECEIVED)
    # What stands in the record and can be cited.
    WITH_RESULT = (State.RECEIVED, State.REVIEWED)

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="studies"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    region = models.CharField(max_length=40)
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    levels = models.JSONField(default=list)
    priority = models.CharField(
        max_length=8, choices=Priority, default=Priority.ROUTINE
    )
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.ORDERED)
    # Counts the saves; a form says which one it was filled in upon.
    revision = models.PositiveIntegerField(default=0)
    ordered_on = models.DateField()
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Who sees to it that it happens.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # The day by which the next step should have been taken; null once reviewed.
    due_on = models.DateField(null=True)
    scheduled_for = models.DateField(null=True)
    performed_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Keys of the fixed words for a kind of study.
    results = models.JSONField(default=list)
    report = models.TextField(max_length=8000, blank=True)
    # Why it was cancelled, or what was wrong with it.
    cancel_reason = models.CharField(max_length=200, blank=True)

    objects = StudyQuerySet.as_manager()

    if TYPE_CHECKING:
        files: "RelatedManager[StudyFile]"
        cited_in: "RelatedManager[Evidence]"

    class Meta:
        ordering = ["-ordered_on", "-id"]
        verbose_name_plural = "studies"
        indexes = [
            models.Index(
                fields=["clinic", "due_on"],
                condition=models.Q(due_on__isnull=False),
                name="study_due",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="reviewed", reviewed_at__isnull=False)
                | ~Q(state="reviewed"),
                name="study_reviewed_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["ordered", "scheduled", "done", "received"],
                    due_on__isnull=False,
                )
                | Q(
                    state__in=["reviewed", "cancelled", "entered_in_error"],
                    due_on__isnull=True,
                ),
                name="study_due_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.region_label}"

    @property
    def audit_subject(self) -> UUID:
        return self.complaint.patient_id

    @property
    def region_label(self) -> str:
        return study_words.region_label(self.region)

    @property
    def result_labels(self) -> list[str]:
        return [study_words.label(self.kind, key) for key in self.results]

    @property
    def place(self) -> str:
        """Levels and side of the result: "L4-L5, L5-S1 left"."""
        levels = study_words.levels_in_words(self.region, self.levels)
        side = "" if self.side == Side.NONE else self.side
        return " ".join(filter(None, (levels, side)))

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def has_result(self) -> bool:
        return self.state in self.WITH_RESULT

    @property
    def was_brought(self) -> bool:
        """Nobody here ordered it: it came with the patient."""
        return self.ordered_by_id is None and self.received_on == self.ordered_on

    @property
    def missing(self) -> str:
        """What the study waits for, in words; reads the patient and their clinic."""
        if self.state == self.State.SCHEDULED and self.scheduled_for:
            has_passed = self.scheduled_for < clock.today(
                self.complaint.patient.time_zone
            )
            day = clock.in_words(self.scheduled_for)
            return f"was booked for {day}" if has_passed else f"booked for {day}"
        return {
            self.State.ORDERED: "not booked",
            self.State.DONE: "no result yet",
            self.State.RECEIVED: "result not reviewed",
        }.get(self.State(self.state), self.get_state_display())

    @property
    def next_act(self) -> str:
        """The act that takes it further; empty where none is left."""
        return {
            self.State.ORDERED: "Book",
            self.State.SCHEDULED: "Record as done",
            self.State.DONE: "Enter the result",
            self.State.RECEIVED: "Review",
        }.get(self.State(self.state), "")

    @property
    def is_overdue(self) -> bool:
        """Reads the patient and their clinic."""
        today = clock.today(self.complaint.patient.time_zone)
        return self.is_open and self.due_on is not None and self.due_on < today

    @property
    def is_due_today(self) -> bool:
        today = clock.today(self.complaint.patient.time_zone)
        return self.is_open and self.due_on == today

    def next_due(self) -> date | None:
        """The day by which the next step should be taken, by the fastest clock."""
        began, complaint = {self.priority: self.ordered_on}, self.complaint
        if complaint.is_clock_running and complaint.deficit_since:
            since = max(self.ordered_on, complaint.deficit_since)
            began[complaint.deficit_kind] = since
        days = [self._due_by(name, since) for name, since in began.items()]
        return min((day for day in days if day), default=None)

    def _due_by(self, name: str, since: date) -> date | None:
        def after(day: date, step: str) -> date:
            return day + timedelta(days=study_deadlines.days(name, step))

        if self.state == self.State.ORDERED:
            return after(since, "book")
        if self.state == self.State.SCHEDULED and self.scheduled_for:
            # A day that is too far off is no better than none.
            return min(self.scheduled_for, after(since, "done"))
        if self.state == self.State.DONE and self.performed_on:
            return after(self.performed_on, "report")
        if self.state == self.State.RECEIVED and self.received_on:
            return after(self.received_on, "review")
        return None


class StudyFile(Record):
    """A report as it came; the bytes lie outside the web root under the row's id."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "sha256"], name="study_file_once_a_study"
            )
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"

    @property
    def audit_subject(self) -> UUID:
        return self.study.complaint.patient_id
