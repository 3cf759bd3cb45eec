from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with


class PatientImport(Record):
    """A file of patients on its way in: looked at, confirmed, then worked off."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV list"
        FHIR = "fhir", "FHIR R4"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "waits for a look"
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    kind = models.CharField(max_length=4, choices=Kind)
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    mapping = models.JSONField(default=dict)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    # How many rows were made, changed, left as they were, refused.
    counts = models.JSONField(default=dict)
    # [{"row": 12, "field": "birth_date", "problem": "..."}], the first of them.
    refusals = models.JSONField(default=list)
    error = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.WRITE_PATIENTS).as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["clinic", "state"],
                condition=models.Q(state__in=["queued", "running"]),
                name="patient_import_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.state}"
