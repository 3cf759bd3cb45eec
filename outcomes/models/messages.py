from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, Language, Record, readable_with
from outcomes.models.schedule import SurveyRequest
from patients.models import Patient


class Channel(models.TextChoices):
    EMAIL = "email", "e-mail"
    SMS = "sms", "text message"
    LETTER = "letter"


class Kind(models.TextChoices):
    """What a message is for, and so how it is worded."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    RESCUE = "rescue", "last, shortest reminder"
    SAFETY = "safety", "safety check"
    INTAKE = "intake", "questions before a visit"
    NEW_LINK = "new_link", "new link"


class Message(Record):
    """The outbox: a message exists once this row is committed, and only once."""

    # Read as Message.Channel and Message.Kind, where the names would say too little.
    Channel, Kind = Channel, Kind

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        # Taken by the provider; what became of it, receipts say.
        ACCEPTED = "accepted"
        DELIVERED = "delivered"
        BOUNCED = "bounced"
        RETRY_WAIT = "retry_wait", "waiting to retry"
        # The lease ran out: it may or may not have gone.
        UNCERTAIN = "uncertain"
        FAILED = "failed"
        CANCELLED = "cancelled"
        DEAD = "dead", "given up"

    CLAIMABLE = (State.QUEUED, State.RETRY_WAIT)
    # On its way or there, as far as anybody has said.
    ARRIVED = (State.ACCEPTED, State.DELIVERED)

    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, related_name="messages"
    )
    rung = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INVITATION)
    channel = models.CharField(max_length=6, choices=Channel)
    idempotency_key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    next_attempt_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True)
    # The provider's own name for it, by which receipts are told to us.
    provider_ref = models.CharField(max_length=120, blank=True)
    # A keyed hash of the number or address it was handed over to, so that it can be
    # looked up after the patient has another one (outcomes.follow_ups.outbox.whereto).
    sent_to = models.CharField(max_length=64, blank=True)
    # When a receipt last changed its state.
    receipt_at = models.DateTimeField(null=True)

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
            models.Index(
                fields=["provider_ref"],
                condition=~Q(provider_ref=""),
                name="message_provider_ref",
            ),
            models.Index(
                fields=["clinic", "sent_to"],
                condition=~Q(sent_to=""),
                name="message_sent_to",
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


class Receipt(models.Model):
    """What a provider told us about a message, each thing once."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    # The provider's name for what it tells; told twice it is the same.
    event_id = models.CharField(max_length=200)
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, null=True, related_name="receipts"
    )
    # A code: delivered, bounced, complained, landline ...
    event = models.CharField(max_length=40)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="receipt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.provider}"


class InboundMessage(Record):
    """What somebody wrote back: stops at once, or waits to be read by staff."""

    class Meaning(models.TextChoices):
        STOP = "stop", "wants no more messages"
        START = "start", "wants messages again"
        OTHER = "other", "to be read"

    channel = models.CharField(max_length=6, choices=Channel)
    # None where nobody here, or more than one, has the number or the address.
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="inbound_messages"
    )
    sender = models.CharField(max_length=254)
    text = models.TextField(max_length=4000, blank=True)
    meaning = models.CharField(max_length=5, choices=Meaning)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=200)
    received_at = models.DateTimeField(default=clock.now)
    # The automatic answer: when it is to go, and when it went.
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="inbound_message_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "received_at"],
                condition=Q(read_at__isnull=True),
                name="inbound_unread",
            ),
            models.Index(
                fields=["clinic", "answer_due_at"],
                condition=Q(answer_due_at__isnull=False),
                name="inbound_answer_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} by {self.channel}"


class Wording(Record):
    """The clinic's own words for one kind of message; ours where it has none."""

    channel = models.CharField(max_length=6, choices=Channel)
    # A Kind, or that of one rung such as "reminder-7" (follow_ups.wording.rungs).
    kind = models.CharField(max_length=12)
    language = models.CharField(max_length=2, choices=Language)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(max_length=2000)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "channel", "kind", "language"], name="wording_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel} in {self.language}"
