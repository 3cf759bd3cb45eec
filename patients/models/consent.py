from django.conf import settings
from django.db import models

from clinic import access, clock
from clinic.models import Record, readable_with
from patients.models.contact import Caregiver
from patients.models.patient import Patient


class Consent(Record):
    """One thing the patient agreed to; each is withdrawn on its own and kept.

    The scopes are the channels we may write or call by, the purposes the answers may
    serve, and what is done: a needle goes by a consent of its own.
    """

    class Scope(models.TextChoices):
        EMAIL = "email", "to be asked by e-mail"
        SMS = "sms", "to be asked by text message"
        PHONE = "phone", "to be called"
        LETTER = "letter", "to be asked by letter"
        TREATMENT = "treatment", "answers used for treatment"
        REGISTRY = "registry", "answers kept in the registry"
        RESEARCH = "research", "answers used for research"
        PROCEDURE = "procedure", "the procedures of a plan"

    CHANNELS = (Scope.EMAIL, Scope.SMS, Scope.PHONE, Scope.LETTER)
    PURPOSES = (Scope.TREATMENT, Scope.REGISTRY, Scope.RESEARCH)
    # What a procedure can be done under; being asked by text message is none of it.

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="consents"
    )
    scope = models.CharField(max_length=9, choices=Scope)
    # Which wording was read out or signed.
    wording_version = models.CharField(max_length=20)
    given_on = models.DateField()
    given_by = models.ForeignKey(
        Caregiver, on_delete=models.PROTECT, related_name="+", null=True
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    withdrawn_on = models.DateField(null=True)
    withdrawal_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    withdrawal_recorded_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "scope"],
                condition=models.Q(withdrawn_on__isnull=True),
                name="consent_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True)
                | models.Q(withdrawn_on__gte=models.F("given_on")),
                name="consent_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        """Such as "to be called, agreed to on Oct 3, 2026"."""
        given = clock.in_words(self.given_on)
        return f"{self.get_scope_display()}, agreed to on {given}"
