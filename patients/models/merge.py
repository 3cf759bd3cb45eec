from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with
from patients.models.patient import Patient


class PatientMerge(Record):
    """Two records of one person read as one; no row of either is rewritten."""

    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges")
    reason = models.CharField(max_length=200)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # How the kept record stood; what it says since then was said of both.
    kept_withdrawn_on = models.DateField(null=True)
    kept_deceased_on = models.DateField(null=True)
    kept_hold_until = models.DateField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=models.Q(undone_at__isnull=True),
                name="patient_merged_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"
