"""Whatever is done to a plan and its patient, and whoever crashes: nothing is broken.

The acts of the plan's own sequences, and those of the engine and of the patient.
"""

from collections import Counter
from datetime import timedelta
from random import Random

import time_machine
from django.db import transaction

from clinic import access, audit, clock
from outcomes import tasks
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.guard import checks
from outcomes.follow_ups.incoming import stopping
from outcomes.models import FollowUp, Message
from patients.record import holds, leaving
from tests import factories
from tests.plans import test_random_sequences as plans
from tests.plans.test_random_sequences import NothingToDo

A_CLINIC = 10
By = audit.SYSTEM
# What only time makes true is for the tick to mend; the rest never is.
BY_TIME = {"overdue", "unsent", "lost_leases"}
LONGER_THAN_A_LEASE = timedelta(minutes=6)


class Crash(Exception):  # noqa: N818
    """A process that dies here."""


def tick(rng, plan):
    """All that is due in the clinic, and the mail as far as one worker gets."""
    tasks.tick_clinic(plan.clinic, clock.now())
    outbox.send_due(plan.clinic, Message.Channel.EMAIL)
    assert_not_late(plan)


def assert_not_late(plan):
    for key in ("overdue", "lost_leases"):
        assert not broken_rows(plan, key), key


def days_pass(rng, plan):
    rng.clock.shift(timedelta(days=rng.randint(1, 45)))
    tick(rng, plan)


def opt_out(rng, plan):
    """The patient writes STOP, and after days perhaps START."""
    if not stopping.stop([person(plan)], "email", how="reply"):
        raise NothingToDo
    if rng.random() < 0.5:
        stopping.start([person(plan)], "email")


def withdraw(rng, plan):
    leaving.withdraw(person(plan), by=By, reason="asked")
    assert not plans.live_ids(plan).exists(), "who withdrew is still asked"


def withdraw_and_return(rng, plan):
    """What was cancelled and is not over is planned again."""
    withdraw(rng, plan)
    rng.clock.shift(timedelta(days=rng.randint(0, 10)))
    tick(rng, plan)
    leaving.take_back_withdrawal(person(plan), by=By, reason="changed_mind")


def hold(rng, plan):
    until = clock.today(plan.clinic.zone) + timedelta(days=rng.randint(1, 30))
    holds.hold(person(plan), by=By, hold_until=until, hold_reason="in hospital")


def crash_in_the_middle(rng, plan):
    """Of any act: what it had written is as if it had never begun."""
    before = standing(plan)
    try:
        with transaction.atomic():
            rng.choice(plans.ACTS)(rng, plan)
            raise Crash
    except Crash:
        pass
    assert standing(plan) == before, "half of it stayed"


def crash_while_sending(rng, plan):
    """A worker claims what is due and is gone; its lease runs out."""
    rng.clock.shift(timedelta(days=rng.randint(0, 30)))
    # Not a whole tick: without a broker that one sends too.
    due.advance_due(plan.clinic, clock.now())
    batch = outbox.claim_due(plan.clinic, Message.Channel.EMAIL, clock.now())
    if not batch.claimed:
        raise NothingToDo
    rng.clock.shift(LONGER_THAN_A_LEASE)
    tick(rng, plan)


def standing(plan):
    rows = FollowUp.objects.filter(episode__plan=plan).order_by("pk")
    letters = Message.objects.filter(request__patient=plan.complaint.patient_id)
    return [
        *rows.values_list("pk", "state", "due_on", "next_action_at"),
        *letters.order_by("pk").values_list("pk", "state", "attempts"),
    ]


def person(plan):
    return plan.complaint.patient.__class__.objects.get(pk=plan.complaint.patient_id)


OURS = [
    *(tick, tick, tick, days_pass, days_pass, opt_out, hold, hold, withdraw),
    *(withdraw_and_return, withdraw_and_return, crash_in_the_middle),
    *(crash_while_sending, crash_while_sending),
]
ACTS = [*plans.ACTS, *OURS]
NAMED = {act.__name__ for act in OURS}


def assert_nothing_is_broken(plan, act) -> None:
    found = {
        check.key: rows
        for check in checks.CHECKS
        if not check.is_information and check.key not in BY_TIME
        for rows in [broken_rows(plan, check.key)]
        if rows
    }
    assert not found, f"after {act.__name__}: {found}"


def broken_rows(plan, key: str) -> list:
    check = checks.BY_KEY[key]
    rows = check.rows(plan.clinic, clock.now())
    return list(rows.filter(**{check.patient: plan.complaint.patient_id}))


def run(seed: int, number: int, clock_: time_machine.Traveller) -> Counter:
    """So many sequences, ten of them in one clinic; what was done, by name."""
    rng, done = Random(seed), Counter()
    rng.clock = clock_
    for start in range(0, number, A_CLINIC):
        clinic = factories.make_clinic()
        # Who publishes a version of the protocol, as one of the acts does.
        factories.make_user(clinic, access.Role.PROVIDER)
        for _ in range(min(A_CLINIC, number - start)):
            plan = plans.some_plan(rng, clinic)
            plans.play(rng, plan, done, ACTS, assert_nothing_is_broken)
    return done
