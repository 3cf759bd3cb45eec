"""Outcomes on their way out of the clinic, without names."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models

from clinic import access
from clinic.models import ClinicQuerySet, Record, User


class OutcomeExportQuerySet(ClinicQuerySet):
    act_to_read = access.Act.EXPORT_OUTCOMES

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who may not see small cells does not get the files of those who may."""
        found = super().visible_to(user)
        if access.sees_small_cells(user):
            return found
        return found.filter(is_suppressed=True)


class OutcomeExport(Record):
    """A file of de-identified outcomes: asked for, written in the background, taken."""

    class State(models.TextChoices):
        QUEUED = "queued", "waits for its turn"
        RUNNING = "running", "being written"
        FINISHED = "finished", "ready"
        FAILED = "failed", "failed"

    # Why, in the words of who asked; it stands in the audit trail too.
    purpose = models.CharField(max_length=300)
    # Of whom: as export.asked reads and writes them.
    choices = models.JSONField(default=dict)
    # What tells few people apart is left out, for who asked may not see it.
    is_suppressed = models.BooleanField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    # Courses, of which so many are written, the last by this pseudonym.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_course = models.CharField(max_length=32, blank=True)
    rows = models.PositiveIntegerField(default=0)
    # So many bytes of the file under way are sure.
    written = models.PositiveBigIntegerField(default=0)
    # By combination, the courses and rows of few people, as export.small_cells has it.
    small_cells = models.JSONField(default=list)
    # What pseudonyms and shifts are made with; erased once the file is whole.
    key = models.CharField(max_length=64, blank=True)
    # Bytes of the finished archive.
    size = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # When the tick looks at it again: to ring a worker, or to throw the file away.
    next_action_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OutcomeExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["clinic", "-created_at"], name="outcome_export_list"),
            models.Index(
                fields=["clinic", "next_action_at"],
                condition=models.Q(next_action_at__isnull=False),
                name="outcome_export_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}, {self.get_state_display()}"

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 100

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def is_there(self) -> bool:
        """Whether its file can be taken: it is thrown away after a while."""
        return self.state == self.State.FINISHED and self.next_action_at is not None
