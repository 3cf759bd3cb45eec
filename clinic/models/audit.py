from django.conf import settings
from django.db import models

from clinic import access, clock
from clinic.models.base import AppendOnlyModel, readable_with


class AuditEvent(AppendOnlyModel):
    """Who did or read what; the database refuses to change or delete a row."""

    class ActorKind(models.TextChoices):
        USER = "user"
        PATIENT = "patient"
        SYSTEM = "system"

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    action = models.CharField(max_length=60)
    about_type = models.CharField(max_length=60)
    about_id = models.CharField(max_length=36, blank=True)
    facts = models.JSONField(default=dict)

    objects = readable_with(access.Act.MANAGE_CLINIC).as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["clinic", "-at"], name="audit_by_clinic")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class AuditSubject(AppendOnlyModel):
    """Which patients an event was about, so that their history is one index away."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(
        AuditEvent, on_delete=models.PROTECT, related_name="subjects"
    )
    # The patients app stands above this one, so no foreign key.
    patient_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "event"], name="audit_by_patient")
        ]

    def __str__(self) -> str:
        return f"{self.patient_id} in event {self.event_id}"
