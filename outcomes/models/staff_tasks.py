from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic import access, clock
from clinic.models import Record, readable_with
from outcomes.models.schedule import FollowUp
from patients.models import Patient


class StaffTask(Record):
    """Something that a person is to do, so that a follow-up is not lost."""

    class Kind(models.TextChoices):
        CALL = "call"
        EXAMINE = "examine", "examination"
        # Neither a message nor a call can, or may.
        REACH = "reach", "find a way to reach"

    class Reason(models.TextChoices):
        """Why it was made; the words that staff read."""

        SILENT = "silent", "no answer to our messages"
        SAFETY = "safety", "no answer to a safety check"
        LATE = "late", "too late to invite by itself"
        STOPPED = "stopped", "stopped messages while a safety check is open"
        UNREACHABLE = "unreachable", "no message can reach them"
        CLINICIAN = "clinician", "to be done in the clinic"
        PREFERS = "prefers", "prefers to be called"
        LOCKED = "locked", "link locked after wrong dates of birth"

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    # What is over once somebody has spoken to the patient.
    TO_PATIENT = (Kind.CALL, Kind.REACH)

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="staff_tasks"
    )
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="staff_tasks"
    )
    kind = models.CharField(max_length=7, choices=Kind)
    reason = models.CharField(max_length=11, choices=Reason)
    # Which step of the ladder made it, so that it is made once.
    rung = models.CharField(max_length=20, blank=True)
    # The patient's own calendar; it is over with the follow-up's window.
    due_on = models.DateField()
    closes_on = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    end_reason = models.CharField(max_length=80, blank=True)

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["closes_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "kind", "rung"], name="staff_task_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="staff_task_ended_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "closes_on", "id"],
                condition=Q(state="open"),
                name="staff_task_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} because of {self.reason}"


class ContactAttempt(Record):
    """One call to a patient, and what came of it."""

    class Outcome(models.TextChoices):
        NO_ANSWER = "no_answer", "no answer"
        CALL_BACK = "call_back", "asked to be called again"
        WRONG_NUMBER = "wrong_number", "wrong number"
        ANSWERED = "answered", "answered by phone"
        REFUSED = "refused", "wants to be asked no more"
        DECEASED = "deceased", "has died"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="contact_attempts"
    )
    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="contact_attempts"
    )
    task = models.ForeignKey(
        StaffTask, on_delete=models.PROTECT, null=True, related_name="attempts"
    )
    outcome = models.CharField(max_length=12, choices=Outcome)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = readable_with(access.Act.READ_FOLLOW_UPS).as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["follow_up", "-at"], name="contact_attempt_latest")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M}"
