import re
from collections.abc import Callable
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from clinic import access, clock, zones
from clinic.models import Record, readable_with
from patients.models import contact_keys
from patients.models.patient import Patient, validate_lived, validate_past

PHONE = re.compile(r"\+?[0-9 ().\-/]{5,30}( ?(x|ext\.?) ?[0-9]{1,6})?", re.IGNORECASE)


class ContactPoint(Record):
    class System(models.TextChoices):
        EMAIL = "email", "e-mail"
        PHONE = "phone", "phone"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="contact_points"
    )
    system = models.CharField(max_length=5, choices=System)
    value = models.CharField(max_length=254)
    # One spelling of it, by which two patients with the same are found.
    match_key = models.CharField(max_length=254, blank=True, editable=False)
    # The patient agreed to be asked how it goes this way: by e-mail, or by text
    # message to the phone. Follows the consents and is changed nowhere else.
    may_contact = models.BooleanField(default=False)
    is_preferred = models.BooleanField(default=False)
    # A provider said for good that nothing arrives there; why, as a code.
    failed_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=80, blank=True, editable=False)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "system", "value"], name="contact_point_once"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(is_preferred=True),
                name="contact_point_one_preferred",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "system", "match_key"], name="contact_point_match"
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} of {self.patient_id}"

    @classmethod
    def made(cls, patient: Patient, system: str, value: str, **fields: object) -> Self:
        """Unsaved, with the key by which others with the same are found."""
        return cls(
            clinic_id=patient.clinic_id,
            patient=patient,
            system=system,
            value=value,
            match_key=match_key(system, value, patient.clinic.zone),
            is_preferred=system == cls.System.EMAIL,
            **fields,
        )

    @property
    def search_terms(self) -> set[str]:
        if self.system == self.System.EMAIL:
            return contact_keys.email_terms(self.value)
        return contact_keys.phone_terms(self.value, self.match_key)

    def clean(self) -> None:
        if self.system == self.System.EMAIL:
            validate_email(self.value)
        else:
            validate_phone(self.value)


def validate_phone(number: str) -> None:
    if not PHONE.fullmatch(number):
        raise ValidationError(
            f"{number!r} is not a phone number; write it like +1 312 555 0142."
        )


def validate_field(field: str, check: Callable[[str], None], value: str) -> None:
    """The same refusal, said beside the field."""
    try:
        check(value)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error


def match_key(system: str, value: str, zone: str) -> str:
    """`zone` is the clinic's: a number without a country code is dialled from there."""
    if system == ContactPoint.System.EMAIL:
        return contact_keys.email_key(value)
    return contact_keys.phone_key(value, zones.country_of(zone))


class Caregiver(Record):
    """Somebody who looks after the patient, or answers for them with their consent."""

    class Relationship(models.TextChoices):
        PARENT = "parent", "parent"
        GUARDIAN = "guardian", "legal guardian"
        PARTNER = "partner", "spouse or partner"
        CHILD = "child", "son or daughter"
        OTHER = "other", "other"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="caregivers"
    )
    name = models.CharField(max_length=120)
    relationship = models.CharField(
        max_length=8, choices=Relationship, default=Relationship.OTHER
    )
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    # Decides for a patient who is under age.
    is_guardian = models.BooleanField(default=False)
    # The day the patient, or the law, let this person answer in their place.
    may_answer_since = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_relationship_display()}"

    @property
    def is_reachable(self) -> bool:
        return bool(self.phone or self.email)

    @property
    def may_decide(self) -> bool:
        """Whether this person's yes counts for the patient, today."""
        return self.ended_on is None and (
            self.is_guardian or self.may_answer_since is not None
        )

    def clean(self) -> None:
        self.name = self.name.strip()
        today = clock.today(self.patient.time_zone)
        for field in ("may_answer_since", "ended_on"):
            validate_past(field, getattr(self, field), today)
            validate_lived(field, getattr(self, field), self.patient)
        if self.phone:
            validate_field("phone", validate_phone, self.phone)
        if self.is_guardian and not self.is_reachable:
            raise ValidationError(
                {"phone": "Give a phone number or an e-mail address of the guardian."}
            )


class OutsideClinician(Record):
    """Who sent the patient, and who looks after them otherwise."""

    class Role(models.TextChoices):
        REFERRER = "referrer", "referred by"
        PRIMARY_CARE = "primary_care", "primary care"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="outside_clinicians"
    )
    role = models.CharField(max_length=12, choices=Role)
    name = models.CharField(max_length=120)
    practice = models.CharField(max_length=120, blank=True)
    address = models.TextField(max_length=400, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "role"], name="outside_clinician_once_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.practice}" if self.practice else self.name

    def clean(self) -> None:
        if self.phone:
            validate_field("phone", validate_phone, self.phone)
