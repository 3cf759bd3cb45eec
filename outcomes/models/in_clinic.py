"""Answering in the clinic: tablets, and the short codes that lead to a survey there."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access
from clinic.models import Location, Record, readable_with
from outcomes.models.schedule import SurveyRequest


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
