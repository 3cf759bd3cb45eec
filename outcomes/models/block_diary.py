"""What a patient taps in the hours after a diagnostic injection."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, Language, Record, readable_with
from patients.models import Patient
from plans.models import Intervention

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class BlockDiary(Record):
    """The diary of one injection, open for eight hours from the needle on."""

    TRIES = 5

    intervention = models.OneToOneField(
        Intervention, on_delete=models.PROTECT, related_name="block_diary"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    language = models.CharField(max_length=2, choices=Language)
    injected_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # As it was said when the diary was opened; the procedure's own record goes first.
    pain_before = models.PositiveSmallIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    birth_date_tries = models.PositiveSmallIntegerField(default=0)
    # Day and month the wrong way round cost no try, once.
    is_swap_forgiven = models.BooleanField(default=False)
    # What the taps come to, written with each: the least pain, and for how long at
    # least half of the pain before was gone.
    lowest = models.PositiveSmallIntegerField(null=True)
    held_minutes = models.PositiveSmallIntegerField(null=True)

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    if TYPE_CHECKING:
        taps: "RelatedManager[BlockTap]"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("injected_at")),
                name="block_diary_ends_after_the_needle",
            ),
            models.CheckConstraint(
                condition=Q(pain_before__isnull=True) | Q(pain_before__lte=10),
                name="block_diary_pain_before_to_10",
            ),
        ]

    def __str__(self) -> str:
        return f"block diary of {self.intervention_id}"

    @property
    def audit_subject(self) -> UUID:
        return self.intervention.audit_subject

    @property
    def person(self) -> Patient:
        """Who taps: the record that is kept, where two were merged."""
        return self.intervention.plan.complaint.patient.kept

    @property
    def is_locked(self) -> bool:
        return self.birth_date_tries >= self.TRIES

    def is_open(self, at: datetime) -> bool:
        is_done = self.intervention.status == Intervention.Status.PERFORMED
        return self.closed_at is None and at < self.ends_at and is_done


class BlockTap(AppendOnlyModel):
    """One tap, at the server's own moment; it is never changed."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    diary = models.ForeignKey(
        BlockDiary, on_delete=models.PROTECT, related_name="taps", db_index=False
    )
    at = models.DateTimeField(default=clock.now)
    value = models.PositiveSmallIntegerField()
    is_numb = models.BooleanField(default=False)
    # Of the page it was tapped on: a double tap is one.
    page = models.CharField(max_length=22)

    objects = readable_with(access.Act.READ_ANSWERS).as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["diary", "page"], name="block_tap_once_a_page"
            ),
            models.CheckConstraint(
                condition=Q(value__lte=10), name="block_tap_from_0_to_10"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} at {self.at:%H:%M}"
