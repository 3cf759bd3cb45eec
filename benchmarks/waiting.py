"""A clinic of years: follow-ups answered, over, open and planned, and their messages.

All of them are seen to; nothing is due for the next two days.
"""

from datetime import datetime

from benchmarks import many_rows
from benchmarks.many_rows import Keys
from clinic import clock
from clinic.models import Clinic
from outcomes.follow_ups.engine import due
from outcomes.models import Episode, FollowUp, Message
from tests import factories

# Days from the anchor that a patient is asked on; so many before and after it are open,
# which is less than lies between two.
ASKED_ON = (7, 30, 61, 91, 183, 274, 365, 548, 730, 1095)
OPENS_BEFORE, OPEN_AFTER = 5, 20
# Anchors lie as far as this behind, and up to two months ahead.
OLDEST, FURTHEST = 1_200, 60
A_PATIENT = len(ASKED_ON)
# The patient of a follow-up, and its due day from today; each row one follow-up.
_DAYS = " ".join(f"WHEN {k} THEN {days}" for k, days in enumerate(ASKED_ON))
_PERSON, _SPAN = f"n / {A_PATIENT}", OLDEST + FURTHEST
POINTS = (
    f"(SELECT n, person, CASE point {_DAYS} END - age AS due FROM (SELECT n,"
    f" {_PERSON} AS person, n % {A_PATIENT} AS point,"
    f" ({_PERSON}) * 7919 % {_SPAN} - {FURTHEST} AS age FROM numbers) AS people)"
)
IS_OVER = f"due < -{OPEN_AFTER}"
# Of four that are over, three were answered.
IS_ANSWERED = "n % 4 > 0"
ASKED = f"{POINTS} AS points WHERE due <= 0"


def clinic_with(rows: int) -> Clinic:
    """So many follow-ups, ten of each patient; the caller builds `quickly`."""
    now = clock.now()
    clinic = factories.make_clinic()
    complaint = factories.make_complaint(factories.make_patient(clinic))
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, now)
    message = Message.objects.select_related("request").get(clinic=clinic)
    row = message.request.follow_ups.select_related("episode__complaint").get()
    people, episodes = _people(row.episode, rows // A_PATIENT)
    requests = _asked(message, rows, people, now)
    today = clock.today(clinic.zone)
    state = (
        f"CASE WHEN due > 0 THEN 'planned' WHEN NOT ({IS_OVER}) THEN 'open' "
        f"WHEN {IS_ANSWERED} THEN 'completed' ELSE 'expired' END"
    )
    answered = f"CASE WHEN {IS_OVER} AND {IS_ANSWERED} THEN {{}} END"
    at = answered.format(many_rows.moment(now, "due * 1440 + n % 600"))
    # The planned are looked at on their day, the open when a reminder is due.
    later = many_rows.moment(now, "2880 + abs(due) * 1440 + n % 600")
    columns = {
        "id": Keys().of("n"),
        "patient_id": people.of("person"),
        "episode_id": episodes.of("person"),
        "timepoint_key": "'t' || n",
        "opens_on": many_rows.day(today, f"due - {OPENS_BEFORE}"),
        "due_on": many_rows.day(today, "due"),
        "closes_on": many_rows.day(today, f"due + {OPEN_AFTER}"),
        "state": state,
        "state_reason": "''",
        "request_id": f"CASE WHEN due <= 0 THEN {requests.of('n')} END",
        "next_action_at": f"CASE WHEN NOT ({IS_OVER}) THEN {later} END",
        "answered_at": at,
        "completed_at": at,
    }
    many_rows.copy(row, rows, columns, f"{POINTS} AS points")
    return clinic


def _people(pattern: Episode, number: int) -> tuple[Keys, Keys]:
    """Patients with a complaint, a plan and its episode each."""
    people, complaints, plans, episodes = Keys(), Keys(), Keys(), Keys()
    complaint, plan = pattern.complaint, pattern.plan
    mine = {"patient_id": people.of("n"), "complaint_id": complaints.of("n")}
    many_rows.copy(complaint.patient, number, {"id": people.of("n"), "mrn": "'B' || n"})
    many_rows.copy(
        complaint, number, {"id": complaints.of("n"), "patient_id": people.of("n")}
    )
    many_rows.copy(
        plan, number, {"id": plans.of("n"), "complaint_id": complaints.of("n")}
    )
    own = {"id": episodes.of("n"), "plan_id": plans.of("n"), "facts_due_at": "NULL"}
    many_rows.copy(pattern, number, own | mine)
    return people, episodes


def _asked(pattern: Message, rows: int, people: Keys, now: datetime) -> Keys:
    """The survey of each follow-up that was asked, and the message that asked."""
    requests = Keys()
    state = (
        f"CASE WHEN NOT ({IS_OVER}) THEN 'open' "
        f"WHEN {IS_ANSWERED} THEN 'completed' ELSE 'closed' END"
    )
    survey = {
        "id": requests.of("n"),
        "patient_id": people.of("person"),
        "state": state,
        "closes_at": many_rows.moment(now, f"(due + {OPEN_AFTER}) * 1440"),
    }
    many_rows.copy(pattern.request, rows, survey, ASKED)
    message = {
        "id": Keys().of("n"),
        "request_id": requests.of("n"),
        "idempotency_key": f"'{requests.beginning}' || n",
        "state": "'accepted'",
        "accepted_at": many_rows.moment(now, "due * 1440"),
        "next_attempt_at": "NULL",
    }
    many_rows.copy(pattern, rows, message, ASKED)
    return requests


def counts() -> str:
    messages = Message.objects.count()
    return f"{FollowUp.objects.count():,} follow-ups, {messages:,} messages"
