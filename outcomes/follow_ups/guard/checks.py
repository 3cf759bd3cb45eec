"""What must never be, each as one count of rows: the promises about follow-ups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clinic.models import Clinic
from outcomes.follow_ups.guard import misdated, pauses
from outcomes.models import (
    AlertNotice,
    ChannelPause,
    Episode,
    FollowUp,
    Intake,
    Message,
    StaffTask,
    SurveyRequest,
)
from patients.catalogue import findings, red_flags
from patients.models import Evaluation, Finding, RedFlag
from plans.models import Timepoint

# A tick comes each minute; what is younger may still be on its way.
SOON = timedelta(minutes=2)
LATE = timedelta(minutes=10)
NO_RECEIPT = timedelta(hours=72)
FLAG_LIMITS = {
    RedFlag.Tier.E0: timedelta(hours=1),
    RedFlag.Tier.E1: timedelta(days=1),
    RedFlag.Tier.E2: timedelta(days=14),
}

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Check:
    key: str
    name: str
    meaning: str
    remedy: str
    # The rows that should not be: what is counted, and what the list shows.
    rows: Callable[[Clinic, datetime], Rows]
    # The way from such a row to its patient.
    patient: str = "patient"
    # Reads whole tables, so it runs at night.
    is_full: bool = False
    # Tells how things are; nothing is broken.
    is_information: bool = False


def overdue(clinic: Clinic, now: datetime) -> Rows:
    """Hours, closed days and holds have moved the moment on: a pause alone has not."""
    rows = FollowUp.objects.filter(clinic=clinic, next_action_at__lte=now - LATE)
    return rows.none() if pauses.standing(clinic) else rows


def open_unwritten(clinic: Clinic, now: datetime) -> Rows:
    """What was handed to a person has a task instead.

    Without the moment of its asking no reminder and no call would ever come, whatever
    the survey's other messages.
    """
    written = Message.objects.filter(request=OuterRef("request"))
    in_hand = StaffTask.objects.filter(
        follow_up=OuterRef("pk"), kind__in=StaffTask.TO_PATIENT
    )
    return FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT,
        ~Exists(written) | Q(asked_at=None),
        ~Exists(in_hand),
        clinic=clinic,
        state=FollowUp.State.OPEN,
    )


def out_of_reach(clinic: Clinic, now: datetime) -> Rows:
    """Where a person had a task and did it, somebody has looked."""
    in_hand = StaffTask.objects.filter(
        follow_up=OuterRef("pk"), kind__in=StaffTask.TO_PATIENT
    )
    return FollowUp.objects.filter(
        FollowUp.WAITS_FOR_PATIENT,
        ~Exists(in_hand),
        clinic=clinic,
        state=FollowUp.State.UNREACHABLE,
        episode__status=Episode.Status.ACTIVE,
    )


def lost_leases(clinic: Clinic, now: datetime) -> Rows:
    return Message.objects.filter(
        clinic=clinic, state=Message.State.SENDING, lease_until__lte=now - SOON
    )


def unsent(clinic: Clinic, now: datetime) -> Rows:
    stopped = ChannelPause.objects.stopping(clinic).values("channel")
    rows = Message.objects.filter(
        clinic=clinic, state__in=Message.CLAIMABLE, next_attempt_at__lte=now - LATE
    ).exclude(channel__in=stopped)
    return rows.none() if pauses.standing(clinic) else rows


def needless(clinic: Clinic, now: datetime) -> Rows:
    """Messages that still wait for a survey which asks nothing any more."""
    asks = FollowUp.objects.filter(request=OuterRef("request")).exclude(
        state__in=FollowUp.FINAL
    )
    intake = Intake.objects.filter(request=OuterRef("request"), state__in=Intake.OPEN)
    has_nothing = ~Q(request__state=SurveyRequest.State.OPEN) | (
        ~Exists(asks) & ~Exists(intake)
    )
    return Message.objects.filter(
        has_nothing, clinic=clinic, state__in=Message.CLAIMABLE
    )


def unraised(clinic: Clinic, now: datetime) -> Rows:
    """A yes to a red flag of which no flag was made, on any record of the person."""
    person = "evaluation__complaint__patient"
    raised = RedFlag.objects.filter(flag=OuterRef("code")).filter(
        Q(patient=OuterRef(person))
        | Q(patient=OuterRef(f"{person}__merged_into"))
        | Q(patient__merged_into=OuterRef(person))
        | Q(patient__merged_into=OuterRef(f"{person}__merged_into"))
    )
    return Finding.objects.filter(
        ~Exists(raised),
        clinic=clinic,
        code__in=red_flags.red_flags(),
        value=findings.PRESENT,
        replaced_in=None,
    ).exclude(evaluation__state=Evaluation.State.ENTERED_IN_ERROR)


def unacknowledged(clinic: Clinic, now: datetime) -> Rows:
    late = Q()
    for tier, limit in FLAG_LIMITS.items():
        late |= Q(tier=tier, raised_at__lte=now - limit)
    return RedFlag.objects.filter(late, clinic=clinic, state=RedFlag.State.OPEN)


def unalerted(clinic: Clinic, now: datetime) -> Rows:
    """Said by a patient and not acted on; its alert is made in the same moment."""
    return RedFlag.objects.filter(
        clinic=clinic,
        informant=RedFlag.Informant.PATIENT,
        state=RedFlag.State.OPEN,
        alert=None,
    )


def untold(clinic: Clinic, now: datetime) -> Rows:
    """Notices to staff wait for nothing: no pause, no hour, no closed day."""
    return AlertNotice.objects.filter(clinic=clinic, next_attempt_at__lte=now - SOON)


def no_receipt(clinic: Clinic, now: datetime) -> Rows:
    """Only where the provider gave a name of its own, by which it could tell us."""
    return Message.objects.filter(
        clinic=clinic,
        state=Message.State.ACCEPTED,
        accepted_at__lte=now - NO_RECEIPT,
        receipt_at=None,
        provider_ref__gt="",
    )


def doubled(clinic: Clinic, now: datetime) -> Rows:
    kept = Message.objects.filter(clinic=clinic).exclude(state=Message.State.CANCELLED)
    twice = kept.values("request", "rung").annotate(number=Count("pk")).order_by()
    requests = twice.filter(number__gt=1).values("request")
    return SurveyRequest.objects.filter(clinic=clinic, pk__in=requests)


def missing(clinic: Clinic, now: datetime) -> Rows:
    """Active courses without one of their protocol's time points, whatever became of
    it; a safety check carries its procedure in its key and is not compared.
    """
    stands = FollowUp.objects.filter(
        episode=OuterRef(OuterRef("pk")), timepoint_key=OuterRef("key")
    )
    absent = Timepoint.objects.filter(
        ~Exists(stands),
        protocol=OuterRef("plan__protocol"),
        who__in=(Timepoint.Who.PATIENT, Timepoint.Who.BOTH),
        is_safety=False,
    )
    return Episode.objects.filter(
        Exists(absent), clinic=clinic, status=Episode.Status.ACTIVE
    )


CHECKS = (
    Check(
        "overdue",
        "Due, and not looked at",
        "A follow-up was due more than 10 minutes ago and nothing was done.",
        "Look whether the scheduler and the worker run. They catch up by themselves.",
        overdue,
    ),
    Check(
        "open_unwritten",
        "Open, and nobody was written to",
        "A follow-up is open that was never asked, with no task for a person.",
        "Nothing: it is planned anew and asked by the next tick.",
        open_unwritten,
    ),
    Check(
        "out_of_reach",
        "Out of reach, and nobody’s",
        "No message reaches the patient, and no task for a person was ever made.",
        "Nothing: it becomes a call, or a way to find.",
        out_of_reach,
    ),
    Check(
        "lost_leases",
        "Sending for too long",
        "A worker took a message and went silent.",
        "Nothing: it is taken back and tried once more.",
        lost_leases,
        patient="request__patient",
    ),
    Check(
        "unsent",
        "Waiting to be sent for too long",
        "A message has been ready for more than 10 minutes.",
        "Look whether the mail and text workers run and keep up.",
        unsent,
        patient="request__patient",
    ),
    Check(
        "needless",
        "Reminders that nobody needs",
        "A message waits for a survey that is answered or closed.",
        "Nothing: it is cancelled.",
        needless,
        patient="request__patient",
    ),
    Check(
        "unraised",
        "Red-flag answers without a flag",
        "A “yes” to a red-flag question raised no red flag.",
        "Look at the patient today, and tell whoever runs this server.",
        unraised,
        patient="evaluation__complaint__patient",
        is_full=True,
    ),
    Check(
        "unalerted",
        "Red flags of patients without an alert",
        "A patient said a red flag and nobody was told of it.",
        "Look at the patient today, and tell whoever runs this server.",
        unalerted,
    ),
    Check(
        "untold",
        "Notices to staff that wait",
        "Somebody on call should have been told more than 2 minutes ago.",
        "Look whether the text worker runs. The next tick tries again.",
        untold,
        patient="alert__patient",
    ),
    Check(
        "unacknowledged",
        "Red flags past their time",
        "Nobody has acted within 1 hour (emergency), a day, or 2 weeks.",
        "Open Red flags and act.",
        unacknowledged,
        is_information=True,
    ),
    Check(
        "no_receipt",
        "No word from the provider",
        "A message was accepted 3 days ago or more; no receipt came.",
        "Nothing for single ones; many mean that receipts do not arrive.",
        no_receipt,
        patient="request__patient",
        is_full=True,
        is_information=True,
    ),
    Check(
        "doubled",
        "The same message twice",
        "Two rows stand for one message of one survey.",
        "Tell whoever runs this server.",
        doubled,
        is_full=True,
    ),
    Check(
        "misdated",
        "Planned before its day",
        "A follow-up would be asked before its day on the patient's own calendar, "
        "as after a change of time zone.",
        "Save the patient once: the follow-ups are planned anew.",
        misdated.rows,
        is_full=True,
    ),
    Check(
        "missing",
        "Courses that lack a time point",
        "A running course has no follow-up for a time point of its protocol.",
        "Open the plan and move its day 0 to the same day: it is planned anew.",
        missing,
        is_full=True,
    ),
)
BY_KEY = {check.key: check for check in CHECKS}


def count(check: Check, clinic: Clinic, now: datetime) -> int:
    return check.rows(clinic, now).order_by().count()


def ids(check: Check, clinic: Clinic, now: datetime, limit: int) -> list[Any]:
    """Each row's own id and its patient's, the oldest first."""
    rows = check.rows(clinic, now).order_by("pk")
    return list(rows.values_list("pk", check.patient)[:limit])
