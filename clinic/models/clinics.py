import re
from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Length

from clinic import access, clock, zones
from clinic.models.base import Record, readable_with, uuid7

models.CharField.register_lookup(Length)


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Spanish"


# What a phone can dial, such as 911 or +1 312 555 0100.
_NUMBER = re.compile(r"\+?[0-9](?:[0-9 ().\-]*[0-9])?")
_FEWEST_DIGITS = 3


def number_in(text: str) -> str:
    """The first telephone number of a text; empty where it holds none."""
    found = (match[0] for match in _NUMBER.finditer(text))
    return next((one for one in found if _is_number(one)), "")


def _is_number(text: str) -> bool:
    return sum(letter.isdigit() for letter in text) >= _FEWEST_DIGITS


def validate_zone(name: str) -> None:
    if name not in zones.known():
        raise ValidationError(
            f"{name!r} is not a time zone; use an IANA name such as America/Chicago."
        )


class Clinic(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    zone = models.CharField(
        max_length=64, default="America/Chicago", validators=[validate_zone]
    )
    phone = models.CharField(max_length=32, blank=True)
    # What stands in a message's From line: never a word that names a treatment.
    sender_name = models.CharField(max_length=60)
    # A phone number or the id of a messaging service; empty: no text messages.
    sms_sender = models.CharField(max_length=40, blank=True)
    sends_from = models.TimeField(default=time(9))
    sends_until = models.TimeField(default=time(19))
    emergency_en = models.CharField(max_length=200, default="Emergency? Call 911.")
    emergency_es = models.CharField(
        max_length=200, default="¿Emergencia? Llame al 911."
    )
    capture_target = models.PositiveSmallIntegerField(default=80)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sends_from__lt=models.F("sends_until")),
                name="clinic_sending_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=models.Q(capture_target__lte=100),
                name="clinic_capture_target_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    emergency_en__length__gt=0, emergency_es__length__gt=0
                ),
                name="clinic_has_an_emergency_line",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Patients tap on the emergency line to call: no clinic is without a number."""
        for field in ("emergency_en", "emergency_es"):
            written = getattr(self, field)
            if written and not number_in(written):
                raise ValidationError(
                    {field: "Name the number to call in it, such as 911."}
                )

    def emergency_text(self, language: str) -> str:
        return self.emergency_es if language == Language.SPANISH else self.emergency_en


class Location(Record):
    """A place where the clinic sees patients."""

    name = models.CharField(max_length=120)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="location_once")
        ]

    def __str__(self) -> str:
        return self.name


class ClosedDay(Record):
    """A day on which nothing but a safety check is sent."""

    # None: the whole clinic is closed.
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="closed_days"
    )
    day = models.DateField()
    name = models.CharField(max_length=80, blank=True)

    objects = readable_with(access.Act.READ_PATIENTS).as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "day"], name="closed_day_once_a_location"
            ),
            models.UniqueConstraint(
                fields=["clinic", "day"],
                condition=models.Q(location__isnull=True),
                name="closed_day_once_a_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'closed'} on {clock.in_words(self.day)}"
