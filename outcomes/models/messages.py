from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, Record, readable_with
from outcomes.models.schedule import SurveyRequest


class Message(Record):
    """The outbox: a message exists once this row is committed, and only once."""

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        ACCEPTED = "accepted"
        RETRY_WAIT = "retry_wait", "waiting to retry"
        # The lease ran out: it may or may not have gone.
        UNCERTAIN = "uncertain"
        FAILED = "failed"
        CANCELLED = "cancelled"
        DEAD = "dead", "given up"

    CLAIMABLE = (State.QUEUED, State.RETRY_WAIT)

    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, related_name="messages"
    )
    rung = models.CharField(max_length=20)
    channel = models.CharField(max_length=5, choices=Channel)
    idempotency_key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    next_attempt_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sending", lease__isnull=False)
                | (~Q(state="sending") & Q(lease__isnull=True)),
                name="message_sending_is_leased",
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="message_next_attempt",
            ),
            models.Index(
                fields=["clinic"],
                condition=Q(state__in=["queued", "retry_wait", "sending"]),
                name="message_waiting",
            ),
            models.Index(
                fields=["clinic", "lease_until"],
                condition=Q(lease_until__isnull=False),
                name="message_leases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rung} by {self.channel}, {self.state}"


class MessageEvent(AppendOnlyModel):
    """Every transition of a message, as it happened."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+"
    )
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=Message.State)
    detail = models.CharField(max_length=120, blank=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.state} at {self.at:%Y-%m-%d %H:%M:%S}"
