"""What the worklist costs: it must not grow with the follow-ups that wait.

The page of 100 rows is asked for in a clinic of few follow-ups and in one of many, in
turn; of each the middle one of the rounds, in CPU time of the server's own code.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from benchmarks import scratch
from clinic import access, bulk, clock
from clinic.models import Clinic, uuid7
from outcomes.models import (
    ContactAttempt,
    Episode,
    FollowUp,
    Message,
    StaffTask,
    SurveyRequest,
)
from patients.models import Complaint, ContactPoint, Patient
from plans.models import Plan
from tests import factories

ROUNDS, PAGES = 7, 5
MOST_MS, MOST_QUERIES, MOST_BYTES = 20.0, 15, 60_000
LARGEST_RATIO = 1.5
FOLLOW_UPS_A_PATIENT = 10
DAYS = (0, 7, 42, 90, 182, 365, 548, 730, 1095, 1460)
FILTERS = ("due", "overdue", "closing-soon", "calls", "mine", "on-hold", "all")
State = FollowUp.State


@transaction.atomic
def clinic_with(count: int) -> Client:
    """Of each patient's ten follow-ups one is under way; every fourth has a call."""
    clinic = factories.make_clinic()
    user = factories.make_user(clinic, access.Role.ADMIN)
    plan = factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    rng = Random(count)
    numbers = iter(range(count // FOLLOW_UPS_A_PATIENT))
    while batch := list(islice(numbers, 1_000)):
        made = [
            rows
            for number in batch
            for rows in patient(clinic, plan, user.pk, number, rng)
        ]
        by_model: dict[type, list] = {}
        for row in made:
            by_model.setdefault(type(row), []).append(row)
        for rows in by_model.values():
            bulk.insert(rows)
    client = Client()
    client.force_login(user)
    return client


def patient(
    clinic: Clinic, pattern: Plan, user_id: object, number: int, rng: Random
) -> Iterator:
    today = clock.today(clinic.zone)
    person = Patient(
        clinic=clinic,
        mrn=f"B{number}",
        family_name=f"Bench{number}",
        given_name="Marta",
        birth_date=date(1957, 3, 14),
        hold_until=today + timedelta(days=90) if number % 50 == 0 else None,
    )
    complaint = Complaint(
        clinic=clinic, patient=person, pain_site="foot", side="left", opened_on=today
    )
    plan = copy_of(pattern, complaint=complaint)
    at = rng.randrange(len(DAYS))
    anchor = today - timedelta(days=DAYS[at] + rng.randrange(-3, 20))
    episode = Episode(
        clinic=clinic,
        patient=person,
        complaint=complaint,
        plan=plan,
        anchor="plan_start",
        anchor_on=anchor,
    )
    request = SurveyRequest(
        clinic=clinic, patient=person, language="en", closes_at=clock.now()
    )
    yield from (person, complaint, plan, episode, request)
    for system, value in (("email", f"b{number}@example.org"), ("phone", "")):
        value = value or f"+1 312 555 {number % 10_000:04}"
        point = ContactPoint.made(person, system, value)
        point.may_contact = True
        yield point
    yield Message(
        clinic=clinic,
        request=request,
        rung="invite",
        channel="email",
        idempotency_key=str(request.pk),
        state=Message.State.ACCEPTED,
        accepted_at=clock.now() - timedelta(days=9),
    )
    for place, day in enumerate(DAYS):
        row = follow_up(episode, place, day, at, request)
        yield row
        if place == at and number % 4 == 0:
            yield from called(row, user_id if number % 8 else None, today)


def follow_up(
    episode: Episode, place: int, day: int, at: int, request: SurveyRequest
) -> FollowUp:
    due_on = episode.anchor_on + timedelta(days=day)
    states = (State.COMPLETED, State.OPEN, State.PLANNED)
    state = states[(place >= at) + (place > at)]
    width = max(3, day // 5)
    return FollowUp(
        clinic_id=episode.clinic_id,
        patient=episode.patient,
        episode=episode,
        timepoint_key=f"t{day}",
        label=f"{day} days",
        offset_days=day,
        open_day=day - 3,
        close_day=day + width,
        ask_day=day,
        opens_on=due_on - timedelta(days=3),
        due_on=due_on,
        closes_on=due_on + timedelta(days=width),
        is_baseline=not day,
        is_safety=day == 7,
        state=state,
        next_action_at=None if state == State.COMPLETED else clock.now(),
        request=request if state == State.OPEN else None,
    )


def called(row: FollowUp, user_id: object, today: date) -> Iterator:
    task = StaffTask(
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        follow_up=row,
        kind="call",
        reason="silent",
        rung="call",
        due_on=today,
        closes_on=row.closes_on,
        assigned_to_id=user_id,
    )
    yield task
    if user_id:
        yield ContactAttempt(
            clinic_id=row.clinic_id,
            patient_id=row.patient_id,
            follow_up=row,
            task=task,
            outcome="no_answer",
            by_id=user_id,
        )


def copy_of(row: Plan, **changes: object) -> Plan:
    names = {field.name for field in row._meta.fields} - {"id"}
    return Plan(**{name: getattr(row, name) for name in names} | changes, id=uuid7())


def milliseconds(client: Client, show: str) -> float:
    began = time.process_time()
    for _ in range(PAGES):
        reply = client.get(reverse("outcomes:follow_ups"), {"show": show})
        assert reply.status_code == 200
    return (time.process_time() - began) * 1000 / PAGES


# Pages without their files being gathered first, and templates read once.
PAGES_ALONE = {
    "STORAGES": {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    },
    "ALLOWED_HOSTS": ["testserver"],
}


@override_settings(**PAGES_ALONE)
def measure(few: int, many: int) -> float:
    with scratch.database() as vendor:
        small, large = clinic_with(few), clinic_with(many)
        scratch.analyze()
        with CaptureQueriesContext(connection) as queries:
            page = large.get(reverse("outcomes:follow_ups"), {"show": "due"})
        rows = page.content.count(b'name="row"')
        print(
            f"{vendor}: {rows} rows, {len(queries)} queries "
            f"(at most {MOST_QUERIES}), {len(page.content):,} bytes"
        )
        worst = 0.0
        for show in FILTERS:
            times: dict[str, list[float]] = {"few": [], "many": []}
            for _ in range(ROUNDS):
                times["few"].append(milliseconds(small, show))
                times["many"].append(milliseconds(large, show))
            before, after = (statistics.median(times[one]) for one in ("few", "many"))
            worst = max(worst, after / before)
            print(
                f"{show:<13} {before:6.1f} ms among {few:,}, {after:6.1f} ms among "
                f"{many:,}; many / few {after / before:.2f}"
            )
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    chosen = parser.parse_args()
    ratio = measure(chosen.few, chosen.many)
    print(f"the largest ratio {ratio:.2f}, at most {LARGEST_RATIO}")
    if ratio > LARGEST_RATIO:
        raise SystemExit("The worklist grows with the follow-ups that wait.")


if __name__ == "__main__":
    main()
