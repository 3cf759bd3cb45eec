from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import Language, Record, readable_with
from outcomes.follow_ups.planning import calendar
from outcomes.models.schedule import SurveyRequest
from patients.models import Evaluation, Patient


class Intake(Record):
    """The questions before a visit, asked by the link of the patient's survey.

    The evaluation holds what the patient says; this row says how far they are.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        BEGUN = "begun"
        SENT = "sent"
        UNFINISHED = "unfinished", "not finished"
        REVIEWED = "reviewed"
        CLOSED = "closed"

    OPEN = (State.ASKED, State.BEGUN)
    # The patient said something, and nobody has looked at it yet.
    WAITING = (State.SENT, State.UNFINISHED)

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="intakes"
    )
    evaluation = models.OneToOneField(
        Evaluation, on_delete=models.PROTECT, related_name="intake"
    )
    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, related_name="intakes"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    # Why it ended unsent, or why the patient may not know of it.
    state_reason = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    visit_on = models.DateField(null=True)
    closes_at = models.DateTimeField()
    # The language of the newest answer.
    language = models.CharField(max_length=2, choices=Language)
    # What was chosen on each page, as it was sent: "not sure" leaves no finding.
    answers = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = readable_with(access.Act.READ_CLINICAL).as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="intake_sent_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="reviewed", reviewed_at__isnull=False)
                | (~Q(state="reviewed") & Q(reviewed_at__isnull=True)),
                name="intake_reviewed_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "closes_at"],
                condition=Q(state__in=["asked", "begun"]),
                name="intake_open",
            ),
            models.Index(
                fields=["clinic", "answered_at"],
                condition=Q(state__in=["sent", "unfinished"]),
                name="intake_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"intake of {self.evaluation_id}, {self.state}"

    @property
    def last_day(self) -> date:
        """Until the end of which the link is good, on the patient's own calendar."""
        zone = self.request.person.time_zone
        return calendar.local_day(self.closes_at - timedelta(seconds=1), zone)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING
