"""What needs a person today, clinic by clinic."""

import dataclasses
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Window

from clinic import clock
from clinic.models import Clinic, User
from outcomes.alerts import listing as alert_listing
from outcomes.dashboards import capture_rows, today_patients
from outcomes.dashboards.capture_choices import YEAR, Choices
from outcomes.dashboards.today_patients import Day
from outcomes.follow_ups import worklist
from outcomes.follow_ups.channels import letter
from outcomes.follow_ups.guard import failed, health, ticks
from outcomes.follow_ups.incoming import inbox
from outcomes.follow_ups.worklist import Filter, Line
from outcomes.intake import reviewing
from outcomes.models import Message
from patients.models import Complaint, Patient, RedFlag, Study
from patients.triage import early_intervention
from plans.course import confirmation
from plans.models import AdverseEvent

SHOWN = 12
# More would push the day's work off the first screen; all of them have a page.
FLAGS_SHOWN = 6
CLOCKS_SHOWN = 8
STUDIES_SHOWN = 6


# The windows that the share of answers is about; the capture page says it in full.
CAPTURED = Choices(period=YEAR)


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


def calls(user: User, clinic: Clinic, today: date) -> list[Line]:
    """Whom to call by now: the first of the worklist's own part, in its order."""
    found = worklist.page(user, clinic, Filter.CALLS, today, 1)
    shown = dataclasses.replace(found, ids=found.ids[:SHOWN])
    return worklist.lines(user, clinic, shown, today)


def calls_count(user: User, today: date) -> int:
    return worklist.found(user, Filter.CALLS, today).count()


def second_ratings(user: User) -> QuerySet[AdverseEvent]:
    """Severe by one rater, and nobody else has looked yet; the latest first."""
    lacking = AdverseEvent.objects.visible_to(user).needing_second_rater()
    return lacking.for_pages().order_by("-onset_on", "-pk")


def messages_waiting(user: User) -> int:
    """As Operations counts them; what is under way goes within the minute."""
    return health.waiting(Message.objects.visible_to(user)).count()


def some(rows: QuerySet[Any], shown: int) -> tuple[list[Any], int]:
    """The first of them and how many there are, in one query."""
    found = list(rows.annotate(total=Window(Count("*")))[:shown])
    return found, found[0].total if found else 0


def overview(user: User, clinic: Clinic, today: date, day: date) -> dict[str, Any]:
    """`day` is whose patients are listed; all else is about today."""
    answered, baseline = capture_rows.totals(user, CAPTURED, today)
    now = clock.now()
    coming = today_patients.read(user, day)
    alerts, urgent_alerts = alert_listing.waiting(user)
    found: dict[str, Any] = {
        "today": today,
        "alerts_count": alerts,
        "urgent_alerts_count": urgent_alerts,
        "coming": coming,
        "answered": answered,
        "baseline": baseline,
        "captured": CAPTURED.address(),
        "calls": calls(user, clinic, today),
        "calls_count": calls_count(user, today),
        "messages_waiting": messages_waiting(user),
        "messages_failed": failed.count(user, now),
        "engine": health.sign_of(ticks.TICK, now),
        "unread": inbox.unread_count(user),
        "letters": letter.waiting(user).count(),
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


def people_shown(found: dict[str, Any]) -> list[Patient]:
    """Whose names the page shows."""
    coming: Day = found["coming"]
    return [
        *(row.patient.kept for row in found["flags"] + found["clocks"]),
        *(intake.patient.kept for intake in found["intakes_waiting"]),
        *(line.patient for line in found["to_confirm"]),
        *(study.complaint.patient.kept for study in found["studies"]),
        *(event.patient.kept for event in found["second_ratings"]),
        *(line.follow_up.patient.kept for line in found["calls"]),
        *coming.patients,
    ]


def patients_shown(found: dict[str, Any]) -> list[UUID]:
    """Their ids, for the audit."""
    return [patient.pk for patient in people_shown(found)]
