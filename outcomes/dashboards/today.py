"""What needs a person today, clinic by clinic."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clinic import clock
from clinic.models import User
from outcomes.follow_ups import calendar, worklist
from outcomes.intake import reviewing
from outcomes.models import FollowUp, Message
from patients.models import Complaint, Patient, RedFlag, Study
from patients.triage import early_intervention
from plans.course import confirmation
from plans.models import AdverseEvent

SHOWN = 12
# More would push the day's work off the first screen; all of them have a page.
FLAGS_SHOWN = 6
CLOCKS_SHOWN = 8
STUDIES_SHOWN = 6
CLOSING_DAYS = 7
WHOSE = (
    "patient__clinic",
    "patient__merged_into__clinic",
    "episode__complaint",
)
_PEOPLE = Q(patient__origin=Patient.Origin.CARE)


@dataclass(frozen=True, slots=True)
class Capture:
    """How many of those asked answered, over the windows of the last year."""

    answered: int
    asked: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.answered / self.asked) if self.asked else None


def capture(user: User, today: date) -> tuple[Capture, Capture]:
    """Of baselines, and of what came after them."""
    closed = (
        FollowUp.objects.visible_to(user)
        .filter(
            _PEOPLE,
            state__in=[FollowUp.State.COMPLETED, FollowUp.State.EXPIRED],
            due_on__gt=today - timedelta(days=365),
            due_on__lte=today,
        )
        .exclude(state_reason__in=(calendar.NEVER_ASKED, calendar.ON_HOLD))
    )
    counts = closed.aggregate(
        **{
            f"{kind}_{what}": Count("pk", filter=Q(is_baseline=is_baseline) & state)
            for kind, is_baseline in (("baseline", True), ("later", False))
            for what, state in (
                ("answered", Q(state=FollowUp.State.COMPLETED)),
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


def waiting(user: User, today: date) -> QuerySet[FollowUp]:
    """Asked and not answered, those that close first at the top."""
    return _listed(user).filter(state__in=FollowUp.ASKED, closes_on__gte=today)


def unreachable(user: User) -> QuerySet[FollowUp]:
    return _listed(user).filter(state=FollowUp.State.UNREACHABLE)


def _listed(user: User) -> QuerySet[FollowUp]:
    return worklist.rows(user).select_related(*WHOSE).order_by("closes_on", "pk")


def due_today(user: User, today: date) -> QuerySet[FollowUp]:
    """Due today and not gone out yet, or answered already."""
    return (
        FollowUp.objects.visible_to(user)
        .filter(
            _PEOPLE,
            due_on=today,
            state__in=[FollowUp.State.PLANNED, FollowUp.State.COMPLETED],
        )
        .select_related(*WHOSE)
        .order_by("state", "pk")
    )


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


def overview(user: User, today: date) -> dict[str, Any]:
    baseline, later = capture(user, today)
    now, silent = clock.now(), waiting(user, today)
    confirm = confirmation.waiting(user, now)
    lost, flags, clocks = unreachable(user), open_flags(user), running_clocks(user)
    intakes = reviewing.waiting(user)
    studies = Study.objects.overdue(user, today)
    ratings = second_ratings(user)
    found = {
        "today": today,
        "flags": list(flags[:FLAGS_SHOWN]),
        "flags_count": flags.count(),
        "clocks": list(clocks[:CLOCKS_SHOWN]),
        "clocks_count": clocks.count(),
        "studies": list(studies[:STUDIES_SHOWN]),
        "study_count": studies.count(),
        "baseline": baseline,
        "later": later,
        "due_today": list(due_today(user, today)[:SHOWN]),
        "to_confirm": worklist.to_confirm(confirm[:SHOWN], now),
        "to_confirm_count": confirm.count(),
        "waiting": list(silent[:SHOWN]),
        "waiting_count": silent.count(),
        "unreachable": list(lost[:SHOWN]),
        "unreachable_count": lost.count(),
        "messages_waiting": messages_waiting(user),
        "intakes_waiting": list(intakes[:SHOWN]),
        "intakes_waiting_count": intakes.count(),
        "second_ratings": list(ratings[:SHOWN]),
        "second_ratings_count": ratings.count(),
    }
    early_intervention.attach_clocks(people_shown(found), user=user)
    return found


def people_shown(found: dict[str, Any]) -> list[Patient]:
    """Whose names the page shows."""
    follow_ups = found["due_today"] + found["waiting"] + found["unreachable"]
    return [
        *(row.patient.kept for row in found["flags"] + found["clocks"] + follow_ups),
        *(intake.patient.kept for intake in found["intakes_waiting"]),
        *(line.patient for line in found["to_confirm"]),
        *(study.complaint.patient.kept for study in found["studies"]),
        *(event.patient.kept for event in found["second_ratings"]),
    ]


def patients_shown(found: dict[str, Any]) -> list[UUID]:
    """Their ids, for the audit."""
    return [patient.pk for patient in people_shown(found)]
