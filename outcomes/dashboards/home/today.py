"""What needs a person today, clinic by clinic."""

import dataclasses
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic import clock
from clinic.models import Clinic, User
from outcomes.alerts import listing as alert_listing
from outcomes.dashboards.capture import rows as capture_rows
from outcomes.dashboards.capture.choices import YEAR, Choices
from outcomes.dashboards.home import mine, patients
from outcomes.dashboards.home import parts as today_parts
from outcomes.dashboards.home.mine import Whose
from outcomes.dashboards.home.parts import Parts, first_of
from outcomes.dashboards.home.patients import Day
from outcomes.follow_ups import worklist
from outcomes.follow_ups.channels import letter
from outcomes.follow_ups.guard import failed, health, ticks
from outcomes.follow_ups.incoming import inbox
from outcomes.follow_ups.worklist import Filter, Line
from outcomes.intake import reviewing
from outcomes.models import Message
from patients.models import Complaint, Patient, Study
from patients.triage import early_intervention
from plans.course import confirmation
from plans.models import AdverseEvent

SHOWN = 12
# More would push the day's work off the first screen; all of them have a page.
CLOCKS_SHOWN = 8
STUDIES_SHOWN = 6


# The windows that the share of answers is about; the capture page says it in full.
CAPTURED = Choices(period=YEAR)


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


def overview(
    user: User, clinic: Clinic, today: date, day: date, whose: Whose
) -> dict[str, Any]:
    """`day` is whose patients are listed, `whose` those that flags, alerts and answers
    are of; all else is about today and the clinic.
    """
    answered, baseline = capture_rows.totals(user, CAPTURED, today)
    now = clock.now()
    coming = patients.read(user, day)
    parts = today_parts.read(user, whose, now)
    alerts, urgent_alerts = alert_listing.waiting(user)
    found: dict[str, Any] = {
        "today": today,
        "whose": whose,
        "has_own_patients": mine.is_provider(user),
        "works_on_patients": parts.flags is not None,
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
        "parts": parts,
        "news": parts.news,
        "flags": parts.flags,
        "flags_count": parts.flags_count,
        "clinic_flags_count": parts.clinic_flags_count,
        "alerts": parts.alerts,
        "alerts_shown_of": parts.alerts_count,
    }
    for name, count, rows, shown in lists(user, today, now):
        found[name], found[count] = first_of(rows, shown)
    found["to_confirm"] = worklist.to_confirm(found["to_confirm"], now)
    early_intervention.attach_clocks(people_shown(found), user=user)
    return found


def lists(
    user: User, today: date, now: datetime
) -> list[tuple[str, str, QuerySet[Any], int]]:
    """Name, name of the count, rows, and how many are shown."""
    of_all = [
        ("to_confirm", "to_confirm_count", confirmation.waiting(user, now), SHOWN)
    ]
    if not today_parts.works_on_patients(user):
        return of_all
    return [
        *of_all,
        ("clocks", "clocks_count", running_clocks(user), CLOCKS_SHOWN),
        ("studies", "study_count", Study.objects.overdue(user, today), STUDIES_SHOWN),
        ("intakes_waiting", "intakes_waiting_count", reviewing.waiting(user), SHOWN),
        ("second_ratings", "second_ratings_count", second_ratings(user), SHOWN),
    ]


def people_shown(found: dict[str, Any]) -> list[Patient]:
    """Whose names the page shows."""
    coming: Day = found["coming"]
    of_rows = ("clocks", "intakes_waiting", "second_ratings")
    parts: Parts = found["parts"]
    rows = [row for name in of_rows for row in found.get(name, ())]
    return [
        *(row.patient.kept for row in rows),
        *(line.patient for line in found["to_confirm"]),
        *(study.complaint.patient.kept for study in found.get("studies", ())),
        *(line.follow_up.patient.kept for line in found["calls"]),
        *parts.patients,
        *coming.patients,
    ]


def patients_shown(found: dict[str, Any]) -> list[UUID]:
    """Their ids, for the audit."""
    return [patient.pk for patient in people_shown(found)]
