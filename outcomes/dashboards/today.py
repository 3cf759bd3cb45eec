"""What needs a person today, clinic by clinic."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Window

from clinic import clock
from clinic.models import User
from outcomes.dashboards import today_patients
from outcomes.dashboards.today_patients import Day
from outcomes.follow_ups import calendar, worklist
from outcomes.intake import reviewing
from outcomes.models import FollowUp, Message, StaffTask
from patients.models import Complaint, Patient, RedFlag, Study
from patients.triage import early_intervention
from plans.course import confirmation
from plans.models import AdverseEvent, Timepoint

SHOWN = 12
# More would push the day's work off the first screen; all of them have a page.
FLAGS_SHOWN = 6
CLOCKS_SHOWN = 8
STUDIES_SHOWN = 6
WHOSE = (
    "patient__clinic",
    "patient__merged_into__clinic",
)
_PEOPLE = Q(patient__origin=Patient.Origin.CARE)
# An answered one stays started while the clinic still has to examine.
_STANDS = Q(state__in=[FollowUp.State.COMPLETED, FollowUp.State.STARTED])


@dataclass(frozen=True, slots=True)
class Capture:
    """How many of those asked answered, over the windows of the last year."""

    answered: int
    asked: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.answered / self.asked) if self.asked else None


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call, and how long it is of use."""

    task: StaffTask
    patient: Patient
    days_left: int


def capture(user: User, today: date) -> tuple[Capture, Capture]:
    """Of baselines, and of what came after them."""
    closed = (
        FollowUp.objects.visible_to(user)
        .filter(
            _PEOPLE,
            Q(state=FollowUp.State.EXPIRED) | (_STANDS & FollowUp.ANSWERED),
            due_on__gt=today - timedelta(days=365),
            due_on__lte=today,
        )
        .exclude(state_reason__in=(calendar.NEVER_ASKED, calendar.ON_HOLD))
        .exclude(who=Timepoint.Who.CLINICIAN)
    )
    counts = closed.aggregate(
        **{
            f"{kind}_{what}": Count("pk", filter=Q(is_baseline=is_baseline) & state)
            for kind, is_baseline in (("baseline", True), ("later", False))
            for what, state in (
                ("answered", FollowUp.ANSWERED),
                ("asked", Q()),
            )
        }
    )
    return (
        Capture(counts["baseline_answered"], counts["baseline_asked"]),
        Capture(counts["later_answered"], counts["later_asked"]),
    )


def open_flags(user: User) -> QuerySet[RedFlag]:
    """Red flags that nobody has acted on yet."""
    visible = RedFlag.objects.visible_to(user).for_pages().standing()
    return visible.filter(state=RedFlag.State.OPEN)


def running_clocks(user: User) -> QuerySet[Complaint]:
    """Weaknesses that nobody has called over, of patients who are alive."""
    return (
        Complaint.objects.visible_to(user)
        .with_running_clock()
        .filter(worklist.of_person(deceased_on__isnull=True))
        .select_related("patient__clinic", "patient__merged_into__clinic")
        .prefetch_related("hypotheses")
    )


def calls(user: User, today: date) -> QuerySet[StaffTask]:
    """Whom to call by now, what closes first at the top."""
    visible: QuerySet[StaffTask] = StaffTask.objects.visible_to(user)
    due = visible.filter(
        kind=StaffTask.Kind.CALL, state=StaffTask.State.OPEN, due_on__lte=today
    )
    return due.select_related(*WHOSE, "follow_up").order_by("closes_on", "pk")


def second_ratings(user: User) -> QuerySet[AdverseEvent]:
    """Severe by one rater, and nobody else has looked yet; the latest first."""
    lacking = AdverseEvent.objects.visible_to(user).needing_second_rater()
    return lacking.for_pages().order_by("-onset_on", "-pk")


def messages_waiting(user: User) -> int:
    return (
        Message.objects.visible_to(user)
        .filter(state__in=[*Message.CLAIMABLE, Message.State.SENDING])
        .count()
    )


def some(rows: QuerySet[Any], shown: int) -> tuple[list[Any], int]:
    """The first of them and how many there are, in one query."""
    found = list(rows.annotate(total=Window(Count("*")))[:shown])
    return found, found[0].total if found else 0


def overview(user: User, today: date, day: date) -> dict[str, Any]:
    """`day` is whose patients are listed; all else is about today."""
    baseline, later = capture(user, today)
    now = clock.now()
    coming = today_patients.read(user, day)
    to_call, calls_count = some(calls(user, today), SHOWN)
    found: dict[str, Any] = {
        "today": today,
        "coming": coming,
        "baseline": baseline,
        "later": later,
        "calls": [call_of(task, today) for task in to_call],
        "calls_count": calls_count,
        "messages_waiting": messages_waiting(user),
    }
    for name, count, rows, shown in (
        ("flags", "flags_count", open_flags(user), FLAGS_SHOWN),
        ("clocks", "clocks_count", running_clocks(user), CLOCKS_SHOWN),
        ("studies", "study_count", Study.objects.overdue(user, today), STUDIES_SHOWN),
        ("intakes_waiting", "intakes_waiting_count", reviewing.waiting(user), SHOWN),
        ("to_confirm", "to_confirm_count", confirmation.waiting(user, now), SHOWN),
        ("second_ratings", "second_ratings_count", second_ratings(user), SHOWN),
    ):
        found[name], found[count] = some(rows, shown)
    found["to_confirm"] = worklist.to_confirm(found["to_confirm"], now)
    early_intervention.attach_clocks(people_shown(found), user=user)
    return found


def call_of(task: StaffTask, today: date) -> Call:
    return Call(task, task.patient.kept, (task.closes_on - today).days)


def people_shown(found: dict[str, Any]) -> list[Patient]:
    """Whose names the page shows."""
    coming: Day = found["coming"]
    return [
        *(row.patient.kept for row in found["flags"] + found["clocks"]),
        *(intake.patient.kept for intake in found["intakes_waiting"]),
        *(line.patient for line in found["to_confirm"]),
        *(study.complaint.patient.kept for study in found["studies"]),
        *(event.patient.kept for event in found["second_ratings"]),
        *(call.patient for call in found["calls"]),
        *coming.patients,
    ]


def patients_shown(found: dict[str, Any]) -> list[UUID]:
    """Their ids, for the audit."""
    return [patient.pk for patient in people_shown(found)]
