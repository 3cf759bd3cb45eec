from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic import access, clock
from clinic.models import Language, Record, readable_with
from outcomes.follow_ups import labels
from patients.models import Complaint, Patient
from plans.models import Anchor, Intervention, Plan, Timepoint

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from outcomes.models.intake import Intake


class Episode(Record):
    """The clock of one course of treatment; it owns the outcome schedule."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"

    class EndedBy(models.TextChoices):
        """What ended it; the words are kept with it where staff gave none."""

        NOTHING = "", "not ended"
        STAFF = "staff", "ended by staff"
        PROCEDURE_CANCELLED = "procedure_cancelled", "the procedure was cancelled"
        REPEATED = "repeated", "a repeat of the procedure began the next course"
        PLAN_IN_ERROR = "plan_in_error", "the plan was entered in error"
        DIED = "died", "the patient died"
        WITHDREW = "withdrew", "the patient withdrew"
        IMPORTED = "imported"

    # What comes back once the patient does.
    BY_LEAVING = (EndedBy.DIED, EndedBy.WITHDREW)
    # What comes back by itself: nobody resumes it by hand.
    BY_ITSELF = (
        EndedBy.PROCEDURE_CANCELLED,
        EndedBy.REPEATED,
        EndedBy.PLAN_IN_ERROR,
        *BY_LEAVING,
    )

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="episodes"
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="episodes"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="episodes")
    # A repeat of the procedure is the plan's next course, with a clock of its own.
    course = models.PositiveSmallIntegerField(default=1)
    anchor = models.CharField(max_length=16, choices=Anchor)
    anchor_intervention = models.ForeignKey(
        Intervention, on_delete=models.PROTECT, null=True, related_name="+"
    )
    anchor_on = models.DateField()
    # Of a series the day of its first; None where day 0 is the only one.
    series_began_on = models.DateField(null=True)
    # Provisional while the procedure is only planned.
    is_provisional = models.BooleanField(default=False)
    revision = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)
    # What decides whether it can go on; the reason is its words for people.
    ended_by = models.CharField(
        max_length=19, choices=EndedBy, default=EndedBy.NOTHING, blank=True
    )
    end_reason = models.CharField(max_length=200, blank=True)
    # Set when a score or a follow-up changed; cleared when the facts are rebuilt.
    facts_due_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    if TYPE_CHECKING:
        follow_ups: "RelatedManager[FollowUp]"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "course"], name="episode_once_a_course"
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_by="")
                | (Q(status="ended") & ~Q(ended_by="")),
                name="episode_ended_by_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["facts_due_at"],
                condition=Q(facts_due_at__isnull=False),
                name="episode_facts_due",
            )
        ]

    def __str__(self) -> str:
        return f"episode of {self.plan_id} from {self.anchor_on}"

    @property
    def begins_on(self) -> date:
        """Up to this day an answer says how it was before."""
        return self.series_began_on or self.anchor_on

    @property
    def lacks_procedure(self) -> bool:
        """Its day 0 was cancelled or taken back, and nothing stands in its place."""
        return self.ended_by == self.EndedBy.PROCEDURE_CANCELLED

    def counts_from(self, *, is_baseline: bool) -> date:
        """The day that a time point's days are counted from."""
        return self.begins_on if is_baseline else self.anchor_on


class SurveyRequest(Record):
    """What one patient is asked at one go: an intake, and all follow-ups now due."""

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETED = "completed"
        CLOSED = "closed"

    # How many wrong dates of birth are compared before the survey locks.
    TRIES = 5
    # How long after the answers its link still leads to the patient's own page.
    OWN_PAGE_FOR = timedelta(days=30)

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="survey_requests"
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    language = models.CharField(max_length=2, choices=Language)
    closes_at = models.DateTimeField()
    birth_date_tries = models.PositiveSmallIntegerField(default=0)
    # A day and month the wrong way round cost no try, once.
    is_swap_forgiven = models.BooleanField(default=False)
    # By question, which showing of its page answered last; see survey/order.py.
    taps = models.JSONField(default=dict)
    completed_at = models.DateTimeField(null=True)
    # Cut down to three taps, after the longer survey found no answer.
    is_rescue = models.BooleanField(default=False)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    if TYPE_CHECKING:
        follow_ups: "RelatedManager[FollowUp]"
        intakes: "RelatedManager[Intake]"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state="open"),
                name="survey_request_one_open_a_patient",
            )
        ]

    def __str__(self) -> str:
        return f"survey request {self.pk}"

    @property
    def person(self) -> Patient:
        """Who is asked: the record that is kept, where two were merged."""
        return self.patient.kept

    def opens_own_page(self, at: datetime) -> bool:
        """Whether whoever answered may look at how it goes; withdrawal is read live."""
        return (
            self.state == self.State.COMPLETED
            and self.completed_at is not None
            and at < self.completed_at + self.OWN_PAGE_FOR
            and self.person.is_in_follow_up
        )

    @property
    def is_locked(self) -> bool:
        """Too many wrong dates of birth; staff can send a new link."""
        return self.birth_date_tries >= self.TRIES


class FollowUp(Record):
    class State(models.TextChoices):
        PLANNED = "planned"
        OPEN = "open"
        STARTED = "started"
        COMPLETED = "completed"
        EXPIRED = "expired"
        CANCELLED = "cancelled"
        SUPERSEDED = "superseded"
        UNREACHABLE = "unreachable"

    FINAL = (State.COMPLETED, State.EXPIRED, State.CANCELLED, State.SUPERSEDED)
    ASKED = (State.OPEN, State.STARTED)
    # The patient answered while it was open, whatever the clinic still owes.
    ANSWERED = Q(answered_at__isnull=False)
    # The patient has a part in it, and that is neither done nor over.
    WAITS_FOR_PATIENT = (
        Q(answered_at__isnull=True)
        & ~Q(who=Timepoint.Who.CLINICIAN)
        & ~Q(state__in=FINAL)
    )
    # The same of the clinic.
    WAITS_FOR_CLINICIAN = (
        Q(examined_at__isnull=True)
        & ~Q(who=Timepoint.Who.PATIENT)
        & ~Q(state__in=FINAL)
    )

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="follow_ups"
    )
    episode = models.ForeignKey(
        Episode, on_delete=models.PROTECT, related_name="follow_ups"
    )
    timepoint_key = models.SlugField(max_length=40)
    label = models.CharField(max_length=40)
    # Days from the episode's anchor; the dates below are computed from them.
    offset_days = models.SmallIntegerField()
    open_day = models.SmallIntegerField()
    close_day = models.SmallIntegerField()
    ask_day = models.SmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()
    closes_on = models.DateField()
    is_baseline = models.BooleanField(default=False)
    is_safety = models.BooleanField(default=False)
    # Who has a part in it; it is complete when each of them has done theirs.
    who = models.CharField(
        max_length=9, choices=Timepoint.Who, default=Timepoint.Who.PATIENT
    )
    anchor_revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=11, choices=State, default=State.PLANNED)
    state_reason = models.CharField(max_length=80, blank=True)
    # When the engine looks at the row next; null for good once it is final.
    next_action_at = models.DateTimeField(null=True)
    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, null=True, related_name="follow_ups"
    )
    # When the patient was first to be written to about it: reminders count from here.
    asked_at = models.DateTimeField(null=True)
    # Reminders up to this moment have been seen to, whether sent or not.
    reminded_until = models.DateTimeField(null=True)
    # The patient's part, and the clinician's.
    answered_at = models.DateTimeField(null=True)
    examined_at = models.DateTimeField(null=True)
    examined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    completed_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["due_on", "offset_days"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "timepoint_key"],
                condition=~Q(state__in=["cancelled", "superseded"]),
                name="follow_up_once_a_timepoint",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("due_on")) & Q(closes_on__gte=F("due_on")),
                name="follow_up_due_inside_its_window",
            ),
            models.CheckConstraint(
                condition=Q(next_action_at__isnull=True)
                | ~Q(state__in=["completed", "expired", "cancelled", "superseded"]),
                name="follow_up_final_needs_no_action",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "next_action_at"],
                condition=Q(next_action_at__isnull=False),
                name="follow_up_next_action",
            ),
            models.Index(
                fields=["clinic", "state", "due_on"], name="follow_up_capture"
            ),
            models.Index(fields=["clinic", "due_on", "id"], name="follow_up_by_due"),
            models.Index(fields=["clinic", "closes_on"], name="follow_up_by_close"),
            models.Index(
                fields=["clinic", "closes_on", "id"],
                condition=Q(state__in=["planned", "open", "started", "unreachable"]),
                name="follow_up_worklist",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} due {self.due_on}"

    @property
    def is_answered(self) -> bool:
        """By the patient and while it was open; what came late is told by `late`."""
        return self.answered_at is not None

    @property
    def is_examined(self) -> bool:
        return self.examined_at is not None

    @property
    def is_for_clinician(self) -> bool:
        """Whether the clinic has a part in it, alone or beside the patient."""
        return self.who != Timepoint.Who.PATIENT

    @property
    def is_clinicians_alone(self) -> bool:
        """The patient is never written to about it."""
        return self.who == Timepoint.Who.CLINICIAN

    @property
    def takes_entry(self) -> bool:
        """Whether staff are offered to enter the patient's answers, late ones too."""
        has_part = not self.is_clinicians_alone and not self.is_answered
        is_late = self.state == self.State.EXPIRED and not self.is_baseline
        has_late = getattr(self, "is_answered_late", False)
        is_open = self.state not in self.FINAL and self.opens_on <= clock.today(
            self.patient.kept.time_zone
        )
        return has_part and not has_late and (is_late or is_open)

    def label_on(self, today: date) -> labels.Label:
        """The word staff see for it on a day; reads the episode and the patient."""
        # Read only where it is asked for (outcomes.follow_ups.late).
        is_late = getattr(self, "is_answered_late", False) and not self.is_answered
        if self.state == self.State.EXPIRED and is_late:
            return labels.Label.ANSWERED_LATE
        return labels.of(
            self.state,
            opens_on=self.opens_on,
            due_on=self.due_on,
            closes_on=self.closes_on,
            today=today,
            waits_for_procedure=self.next_action_at is None
            and self.episode.is_provisional,
            hold_until=self.patient.kept.hold_until,
            who=self.who,
            is_answered=self.is_answered,
        )

    @property
    def label_today(self) -> labels.Label:
        """The same in the patient's own zone; reads the patient and their clinic."""
        return self.label_on(clock.today(self.patient.kept.time_zone))


class Link(Record):
    """A way in to one survey request; the token itself is kept nowhere."""

    class Kind(models.TextChoices):
        MESSAGE = "message", "in a message"
        SCREEN = "screen", "handed over on a screen of the clinic"
        QR = "qr", "a QR code of the clinic"

    # What is given in the clinic lives as long as was said; others with their survey.
    IN_CLINIC = (Kind.SCREEN, Kind.QR)

    request = models.ForeignKey(
        SurveyRequest, on_delete=models.PROTECT, related_name="links"
    )
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.MESSAGE)
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    def __str__(self) -> str:
        return f"link {self.pk}"
