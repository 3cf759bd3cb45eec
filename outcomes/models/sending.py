"""What stands between due work and the patients: pauses, the clock, the forecast."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clinic import access, clock
from clinic.models import Clinic, Record, readable_with
from outcomes.models.messages import Channel, Message


class SendingPause(Record):
    """While one stands, no patient of the clinic is written to; staff are."""

    class Cause(models.TextChoices):
        STAFF = "staff", "paused by staff"
        CLOCK = "clock", "the clock jumped"
        BACKLOG = "backlog", "more is due than was foreseen"
        RESTORE = "restore", "started from a backup"

    cause = models.CharField(max_length=7, choices=Cause)
    reason = models.CharField(max_length=200, blank=True)
    # What was seen and what was expected, as numbers and times.
    evidence = models.JSONField(default=dict)
    begun_at = models.DateTimeField(default=clock.now)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Over how long what had waited was spread.
    spread_minutes = models.PositiveSmallIntegerField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"],
                condition=Q(released_at__isnull=True),
                name="sending_pause_one_a_clinic",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} since {self.begun_at:%Y-%m-%d %H:%M}"


class ChannelPauseQuerySet(models.QuerySet["ChannelPause"]):
    def stopping(self, clinic: Clinic) -> "ChannelPauseQuerySet":
        """A demo's messages stay on disk: no provider can stop them."""
        if clinic.is_demo:
            return self.none()
        return self.filter(Q(clinic=None) | Q(clinic=clinic))

    def felt_by(self, clinic: Clinic) -> "ChannelPauseQuerySet":
        """Those for which messages of the clinic wait."""
        waiting = Message.objects.filter(
            clinic=clinic, channel=OuterRef("channel"), state__in=Message.CLAIMABLE
        )
        return self.stopping(clinic).filter(Exists(waiting))


class ChannelPause(models.Model):
    """A provider that refuses us or asks for time, whoever the message is for.

    It concerns all clinics, or the one whose own sender is refused.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=6, choices=Channel)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.CASCADE, null=True, related_name="+"
    )
    reason = models.CharField(max_length=80)
    # For a time that the provider named; otherwise it refuses us.
    is_asked_for = models.BooleanField(default=False)
    begun_at = models.DateTimeField(default=clock.now)
    # Until then nothing is tried; then one message, to see.
    next_try_at = models.DateTimeField()

    objects = ChannelPauseQuerySet.as_manager()

    class Meta:
        ordering = ["channel", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(clinic__isnull=True),
                name="channel_pause_one_of_all",
            ),
            models.UniqueConstraint(
                fields=["clinic", "channel"],
                condition=Q(clinic__isnull=False),
                name="channel_pause_one_a_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.reason}"


class SchedulerTick(models.Model):
    """When a job last began and ended on each machine that was booted."""

    id = models.BigAutoField(primary_key=True)
    job = models.CharField(max_length=20)
    # One boot of one machine, so that its own clock can be held against the wall's.
    boot = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    # Seconds since that machine was started, sleep included.
    uptime = models.FloatField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "boot"], name="scheduler_tick_once")
        ]
        indexes = [
            models.Index(fields=["job", "-began_at"], name="scheduler_tick_latest")
        ]

    def __str__(self) -> str:
        return f"{self.job} at {self.began_at:%Y-%m-%d %H:%M:%S}"


class SendingForecast(Record):
    """How many patients the calendar foresaw to be asked on a day of the clinic's."""

    day = models.DateField()
    expected = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=clock.now)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "day"], name="sending_forecast_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.expected} on {self.day}"
