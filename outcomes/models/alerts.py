"""What a clinician should look at: alerts, and who was told of them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import AppendOnlyModel, ClinicQuerySet, Record, readable_with
from outcomes.models.answers import Response
from outcomes.models.measures import Measure
from patients.models import Complaint, Patient, RedFlag
from plans.models import AdverseEvent

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class AlertRule(Record):
    """What a clinic set otherwise of a shipped rule; without a row it is as shipped."""

    key = models.SlugField(max_length=40)
    is_on = models.BooleanField(default=True)
    number = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    days = models.PositiveSmallIntegerField(null=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "key"], name="alert_rule_once_a_clinic"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {'on' if self.is_on else 'off'}"


class AlertQuerySet(ClinicQuerySet):
    act_to_read = access.Act.READ_ALERTS

    def standing(self) -> Self:
        """Not closed, the most urgent first and the oldest of those."""
        # Said as the index says it, so that both databases use it.
        found = self.exclude(state=Alert.State.CLOSED)
        return found.order_by("severity", "raised_at", "pk")

    def awake(self) -> Self:
        now = clock.now()
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))

    def for_pages(self) -> Self:
        """With what a row of a page reads, in two queries."""
        return self.select_related(
            *("patient__clinic", "patient__merged_into__clinic", "complaint"),
            *("acknowledged_by", "acted_by", "closed_by", "red_flag"),
        ).prefetch_related(
            models.Prefetch(
                "notices",
                AlertNotice.objects.select_related("to").order_by("created_at", "pk"),
            )
        )


class Alert(Record):
    """An answer that a clinician should look at, with the reason in words."""

    class Severity(models.IntegerChoices):
        """The most urgent first, as lists order them."""

        URGENT = 1, "urgent"
        TODAY = 2, "today"
        SOON = 3, "soon"
        INFORMATION = 4, "information"

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged", "being looked at"
        ACTED = "acted", "acted on"
        CLOSED = "closed"

    class Action(models.TextChoices):
        CALLED = "called", "called the patient"
        ADVICE = "advice", "gave advice"
        VISIT = "visit", "arranged a visit"
        EMERGENCY = "emergency", "sent to emergency care"
        TREATMENT = "treatment", "changed the treatment"
        NOT_REACHED = "not_reached", "tried, could not reach the patient"
        NOTHING = "nothing", "nothing needed"
        OTHER = "other", "something else"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="alerts"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="alerts", null=True
    )
    # What raised it: exactly one of these three.
    response = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="alerts", null=True
    )
    red_flag = models.OneToOneField(
        RedFlag, on_delete=models.PROTECT, related_name="alert", null=True
    )
    adverse_event = models.OneToOneField(
        AdverseEvent, on_delete=models.PROTECT, related_name="alert", null=True
    )
    # A key of outcomes/alerts/data/rules.toml, and the version of those rules.
    rule = models.SlugField(max_length=40)
    rules_version = models.PositiveSmallIntegerField()
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, related_name="+", null=True
    )
    severity = models.PositiveSmallIntegerField(choices=Severity)
    reason = models.TextField(max_length=1000)
    raised_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    # How often it was raised: said again, it is told again.
    round = models.PositiveSmallIntegerField(default=1)
    # How far telling people has got in this round, and when it goes on.
    step = models.PositiveSmallIntegerField(default=0)
    next_action_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    acted_at = models.DateTimeField(null=True)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    action = models.CharField(max_length=12, choices=Action, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = AlertQuerySet.as_manager()

    if TYPE_CHECKING:
        events: "RelatedManager[AlertEvent]"
        notices: "RelatedManager[AlertNotice]"

    class Meta:
        ordering = ["severity", "raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "rule"],
                condition=Q(response__isnull=False),
                name="alert_once_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(
                    response__isnull=False,
                    red_flag__isnull=True,
                    adverse_event__isnull=True,
                )
                | Q(
                    response__isnull=True,
                    red_flag__isnull=False,
                    adverse_event__isnull=True,
                )
                | Q(
                    response__isnull=True,
                    red_flag__isnull=True,
                    adverse_event__isnull=False,
                ),
                name="alert_raised_by_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(next_action_at__isnull=True) | Q(state="open"),
                name="alert_tells_only_while_open",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="alert_closed_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "severity", "raised_at"],
                condition=~Q(state="closed"),
                name="alert_standing",
            ),
            models.Index(fields=["clinic", "-closed_at"], name="alert_closed"),
            models.Index(
                fields=["clinic", "next_action_at"],
                condition=Q(next_action_at__isnull=False),
                name="alert_next_action",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}, {self.get_severity_display()}, {self.state}"

    @property
    def is_urgent(self) -> bool:
        return self.severity == self.Severity.URGENT

    @property
    def is_snoozed(self) -> bool:
        until = self.snoozed_until
        is_open = self.state != self.State.CLOSED
        return is_open and until is not None and until > clock.now()

    @property
    def waited(self) -> timedelta:
        """Until somebody looked, or until now."""
        seen = (self.acknowledged_at, self.acted_at, self.closed_at)
        first = min(filter(None, seen), default=clock.now())
        return max(first - self.raised_at, timedelta(0))

    @property
    def latest_by(self) -> str:
        """Who did the last thing to it, such as "Dr Okafor"."""
        for who in (self.closed_by, self.acted_by, self.acknowledged_by):
            if who is not None:
                return who.name
        return ""


class AlertEvent(AppendOnlyModel):
    """What happened to an alert, in order; nothing of it can be taken back."""

    class Kind(models.TextChoices):
        RAISED = "raised"
        REPEATED = "repeated", "reported again"
        AMENDED = "amended", "answered otherwise later"
        TOLD = "told", "more people told"
        ACKNOWLEDGED = "acknowledged", "being looked at"
        ACTED = "acted", "acted on"
        NOTED = "noted"
        SNOOZED = "snoozed"
        CLOSED = "closed"

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=12, choices=Kind)
    # None where it was the patient's own answer, or the clock.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    note = models.CharField(max_length=1000, blank=True)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class AlertNotice(Record):
    """That somebody on the staff is to be told of an alert; once this row is there."""

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"
        # Mendline places no calls: a person has to.
        VOICE = "voice", "phone call"

    class Why(models.TextChoices):
        FIRST = "first", "on call"
        SECOND = "second", "second on call"
        EVERYBODY = "everybody", "nobody else looked"
        NOBODY_ON_CALL = "nobody", "nobody is on call"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        RETRY_WAIT = "retry_wait", "waiting to retry"
        SENT = "sent"
        BY_HAND = "by_hand", "to be called by a person"
        FAILED = "failed"
        CANCELLED = "cancelled", "not needed any more"

    CLAIMABLE = (State.QUEUED, State.RETRY_WAIT)

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="notices")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=9, choices=Why)
    round = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=5, choices=Channel)
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    next_attempt_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=120, blank=True)

    objects = readable_with(access.Act.READ_ALERTS).as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "round", "step", "to", "channel"],
                name="alert_notice_once_a_step",
            )
        ]
        indexes = [
            models.Index(
                fields=["clinic", "next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="alert_notice_due",
            ),
            models.Index(
                fields=["clinic", "lease_until"],
                condition=Q(lease_until__isnull=False),
                name="alert_notice_leased",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.to_id}, {self.state}"
