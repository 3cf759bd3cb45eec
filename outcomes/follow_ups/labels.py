"""The word that staff see for a follow-up on a day of the patient's calendar. Pure."""

from datetime import date, timedelta
from enum import StrEnum

from outcomes.follow_ups.planning.calendar import CLINICIAN, PATIENT

# So long after its due day an answer that is still missing is overdue.
DUE_FOR = timedelta(days=7)
CLOSING_SOON = timedelta(days=3)


class Label(StrEnum):
    WAITING = "waits for the procedure"
    ON_HOLD = "on hold"
    UPCOMING = "upcoming"
    EARLY = "early"
    DUE = "due"
    OVERDUE = "overdue"
    CLOSING_SOON = "closing soon"
    MISSED = "missed"
    UNREACHABLE = "unreachable"
    ANSWERED = "answered"
    ANSWERED_LATE = "answered late"
    EXAMINED = "examined"
    EXAMINATION_MISSING = "answered, examination missing"
    CANCELLED = "cancelled"
    SUPERSEDED = "moved"


FINAL_LABELS = {
    "completed": Label.ANSWERED,
    "expired": Label.MISSED,
    "cancelled": Label.CANCELLED,
    "superseded": Label.SUPERSEDED,
}


def of(
    state: str,
    *,
    opens_on: date,
    due_on: date,
    closes_on: date,
    today: date,
    waits_for_procedure: bool = False,
    hold_until: date | None = None,
    who: str = PATIENT,
    is_answered: bool = False,
) -> Label:
    """Of one that stands in `state`; the days are the patient's own."""
    if is_answered and state in {"started", "expired"}:
        return Label.EXAMINATION_MISSING
    if state in FINAL_LABELS:
        is_examined = who == CLINICIAN and state == "completed"
        return Label.EXAMINED if is_examined else FINAL_LABELS[state]
    if who == CLINICIAN:
        # Open says that its window is, not that somebody was asked.
        state, hold_until = "planned", None
    if state == "unreachable":
        return Label.UNREACHABLE
    if state == "planned" and waits_for_procedure:
        return Label.WAITING
    if state == "planned" and hold_until and max(today, due_on) <= hold_until:
        return Label.ON_HOLD
    return _label_by_date(state, opens_on, due_on, closes_on, today)


def _label_by_date(
    state: str, opens_on: date, due_on: date, closes_on: date, today: date
) -> Label:
    is_asked_or_due = state != "planned" or today >= due_on
    is_over = today > closes_on
    if is_over and state == "planned":
        return Label.MISSED
    if is_asked_or_due and not is_over and closes_on - today < CLOSING_SOON:
        return Label.CLOSING_SOON
    if today - due_on >= DUE_FOR:
        return Label.OVERDUE
    if is_asked_or_due:
        return Label.DUE
    return Label.EARLY if today >= opens_on else Label.UPCOMING
