from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from clinic import access
from clinic.models import Record, readable_with
from patients.models.patient import Patient

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

REFERENCE_LENGTH = 255
# A FHIR file's patients come first, then its conditions, each after what it goes on.
READINGS = 3


class PatientImport(Record):
    """A file of patients on its way in: looked at, confirmed, then worked off."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV list"
        FHIR = "fhir", "FHIR R4"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "waits for a look"
        QUEUED = "queued", "waits for its turn"
        RUNNING = "running", "importing"
        FINISHED = "finished", "finished"
        STOPPED = "stopped", "stopped"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=4, choices=Kind)
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    mapping = models.JSONField(default=dict)
    # Rows of a list, or resources of a FHIR file with how many there are of each type.
    total = models.PositiveIntegerField(default=0)
    contents = models.JSONField(default=dict)
    # How far it is, over all readings of a FHIR file.
    done = models.PositiveIntegerField(default=0)
    # How many were new, changed, the same or refused, and what was passed over.
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    # When the tick looks at it again: to ring a worker, or to throw away what is old.
    next_action_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.IMPORT_PATIENTS).as_manager()

    if TYPE_CHECKING:
        refused_rows: "RelatedManager[RefusedRow]"
        references: "RelatedManager[ImportedReference]"

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["clinic", "-created_at"], name="patient_import_list"),
            models.Index(
                fields=["clinic", "next_action_at"],
                condition=models.Q(next_action_at__isnull=False),
                name="patient_import_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.get_state_display()}"

    @property
    def steps(self) -> int:
        return self.total * (READINGS if self.kind == self.Kind.FHIR else 1)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.steps if self.steps else 100

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    def count(self, of: str, outcome: str) -> int:
        return int(self.counts.get(of, {}).get(outcome, 0))


class RefusedRow(models.Model):
    """A row of a file that did not go in, why, and, for a while, what stood in it."""

    run = models.ForeignKey(
        PatientImport, on_delete=models.CASCADE, related_name="refused_rows"
    )
    number = models.PositiveIntegerField()
    # What it was: nothing for a row of a list, a type for a FHIR resource.
    resource = models.CharField(max_length=40, blank=True)
    # [{"field": "birth_date", "problem": "..."}]
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ["number", "id"]

    def __str__(self) -> str:
        return f"row {self.number}"

    @property
    def why(self) -> str:
        return "; ".join(found["problem"] for found in self.problems)


class ImportedReference(models.Model):
    """What a FHIR file calls a patient, so that its conditions find their way.

    Without a patient where that resource was refused: what refers to it must not end
    at somebody whom another file called the same.
    """

    run = models.ForeignKey(
        PatientImport, on_delete=models.CASCADE, related_name="references"
    )
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reference = models.CharField(max_length=REFERENCE_LENGTH)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "reference"], name="imported_reference_once_a_run"
            )
        ]
        indexes = [
            models.Index(fields=["clinic", "reference"], name="imported_reference")
        ]

    def __str__(self) -> str:
        return self.reference
