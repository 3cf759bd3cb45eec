"""Answering in the clinic: tablets, and the short codes that lead to a survey there."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Language, Location, Record, readable_with
from outcomes.models.schedule import FollowUp, SurveyRequest


class Tablet(Record):
    """A device of the clinic's own that patients answer on; staff never sign in there.

    Of its secrets the row keeps hashes alone.
    """

    name = models.CharField(max_length=60)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The code by which a browser becomes this tablet, once.
    code_hmac = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    device_sha256 = models.CharField(max_length=64, blank=True)
    enrolled_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # The survey that was handed to it, until somebody else's is or it is taken off.
    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, null=True, related_name="tablets"
    )
    handed_at = models.DateTimeField(null=True)
    # When the date of birth was confirmed: from then on it opens no second time.
    begun_at = models.DateTimeField(null=True)
    # Codes typed wrongly in a row.
    misses = models.PositiveSmallIntegerField(default=0)
    missed_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.SEND_LINKS).as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                condition=Q(revoked_at__isnull=True),
                name="tablet_one_of_a_name",
            ),
            models.UniqueConstraint(
                fields=["device_sha256"],
                condition=~Q(device_sha256=""),
                name="tablet_one_device",
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=True) | Q(handed_at__isnull=False),
                name="tablet_handed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeskCode(Record):
    """A number from the front desk that opens a survey on a tablet, once."""

    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, related_name="desk_codes"
    )
    code_hmac = models.CharField(max_length=64)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.SEND_LINKS).as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["clinic", "code_hmac"],
                condition=Q(used_at__isnull=True),
                name="desk_code_to_use",
            )
        ]

    def __str__(self) -> str:
        return f"desk code {self.pk}"


class PaperForm(Record):
    """A sheet of questions that was printed; its code finds the follow-up again."""

    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="paper_forms"
    )
    code = models.CharField(max_length=8)
    language = models.CharField(max_length=2, choices=Language)
    # Whether the clinic chose to print who it is for.
    names_patient = models.BooleanField(default=False)
    # The keys of its questions, in their order: later ones may differ.
    asked = models.JSONField(default=list)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "code"], name="paper_code_once")
        ]

    def __str__(self) -> str:
        return f"paper form {self.code}"

    @property
    def audit_subject(self) -> UUID:
        return self.follow_up.patient_id
