from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import Location, Record, readable_with
from patients.models.patient import Patient


class Appointment(Record):
    """A booked visit, as another system tells it; shaped as a FHIR R4 Appointment."""

    class Status(models.TextChoices):
        BOOKED = "booked"
        ARRIVED = "arrived"
        FULFILLED = "fulfilled", "was here"
        NO_SHOW = "noshow", "did not come"
        CANCELLED = "cancelled"
        ENTERED_IN_ERROR = "entered-in-error", "entered in error"

    COMES = (Status.BOOKED, Status.ARRIVED, Status.FULFILLED)

    class Kind(models.TextChoices):
        VISIT = "visit"
        PROCEDURE = "procedure"

    # None where nobody here has the number that the other system gave.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="appointments"
    )
    # What the other system calls the patient and the appointment.
    mrn = models.CharField("MRN", max_length=40)
    identifier = models.CharField(max_length=80)
    source = models.CharField(max_length=40)
    status = models.CharField(max_length=16, choices=Status, default=Status.BOOKED)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.VISIT)
    description = models.CharField(max_length=200, blank=True)
    # The clinic's own calendar day, which lists go by.
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="appointments"
    )
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    practitioner_name = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "source", "identifier"], name="appointment_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(ends_at__gte=models.F("starts_at")),
                name="appointment_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "day", "starts_at"], name="appointment_day"),
            models.Index(
                fields=["clinic", "mrn"],
                condition=Q(patient__isnull=True),
                name="appointment_unmatched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"
