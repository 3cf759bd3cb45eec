"""Who is told of what cannot wait: the rota, and how each of them is reached."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic import access
from clinic.models import Record, readable_with


class OnCallShift(Record):
    """When somebody is told of what cannot wait, by the clinic's own clock."""

    class Kind(models.TextChoices):
        WEEKLY = "weekly", "each week"
        DATES = "dates", "on certain days"
        AWAY = "away", "not there"

    class Day(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"
        CLOSED = 7, "closed days of the clinic"

    class Place(models.IntegerChoices):
        FIRST = 1, "first"
        SECOND = 2, "second, if nobody looks"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    place = models.PositiveSmallIntegerField(choices=Place, default=Place.FIRST)
    day = models.PositiveSmallIntegerField(choices=Day, null=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    # A shift that ends no later than it begins goes on until the next day.
    begins_at = models.TimeField()
    ends_at = models.TimeField()
    note = models.CharField(max_length=120, blank=True)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        ordering = ["day", "first_on", "begins_at", "place"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="weekly",
                    day__isnull=False,
                    first_on__isnull=True,
                    last_on__isnull=True,
                )
                | Q(
                    kind__in=["dates", "away"],
                    day__isnull=True,
                    first_on__isnull=False,
                    last_on__gte=F("first_on"),
                ),
                name="on_call_shift_on_days",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class OnCallContact(Record):
    """How a member of staff is told: their number, and what to try first."""

    class First(models.TextChoices):
        SMS = "sms", "a text message"
        VOICE = "voice", "a call by a colleague"
        EMAIL = "email", "an e-mail only"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    phone = models.CharField(max_length=32, blank=True)
    first = models.CharField(max_length=5, choices=First, default=First.SMS)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "user"], name="on_call_contact_once"
            )
        ]

    def __str__(self) -> str:
        return f"contact of {self.user_id}"


class AlertSettings(Record):
    """How long the first person has before the second is told."""

    SECOND_AFTER = 15

    second_after_minutes = models.PositiveSmallIntegerField(default=SECOND_AFTER)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic"], name="alert_settings_once"),
            models.CheckConstraint(
                condition=Q(second_after_minutes__gte=1, second_after_minutes__lte=240),
                name="alert_settings_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"second person after {self.second_after_minutes} min"
