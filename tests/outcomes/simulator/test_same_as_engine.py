"""What the simulator says, the engine does: message for message."""

import os
import random
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from clinic import clock
from clinic.models import ClosedDay
from outcomes.follow_ups.planning import calendar
from outcomes.simulator import staging
from outcomes.simulator.playing import What
from outcomes.simulator.staging import Pretended
from plans.models import Timepoint
from tests import factories
from tests.outcomes.simulator import pretending

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 1, 5, 14, tzinfo=UTC)
# A release runs 200.
PLAYS = int(os.environ.get("MENDLINE_SIMULATIONS", "20"))


@pytest.mark.parametrize("number", range(PLAYS))
def test_messages_and_calls_are_the_same(number):
    chance = random.Random(number)
    start = MORNING + timedelta(days=chance.randrange(700))
    with time_machine.travel(start, tick=False) as clock_of_test:
        said, did = _said_and_did(number, chance, clock_of_test.move_to)
    assert did == said


def _said_and_did(number, chance, move_clock):
    clinic = pretending.clinic_with_closed_days(chance)
    followed = pretending.protocol(clinic, number, chance)
    patient, who = pretending.patient(clinic, chance)
    # The simulator's first day has all of its hours.
    move_clock(calendar.moment(who.started_on, time(0), who.zone))
    plan = pretending.start(patient, followed, who)
    play = staging.simulate(clinic, followed, who)
    last = max(one.close_at for one in play.desired)
    pretending.run(plan, last, move_clock)
    said = [
        (one.at, one.kind or "call", one.channel, one.rung)
        for one in play.events
        if one.what in {What.MESSAGE, What.CALL}
    ]
    late = [one.at for one in play.events if one.what == What.HANDED_OVER]
    said += [(at, "call", "", "invite") for at in late]
    did = pretending.done(plan)
    return sorted(said), did


def test_a_closure_until_the_end_of_a_window_is_asked_before_it_by_both():
    with time_machine.travel(MORNING, tick=False) as clock_of_test:
        clinic = factories.make_clinic(sends_from="09:00", sends_until="19:00")
        followed = pretending.bare(clinic, 0, "index_procedure")
        point = {"offset_days": 30, "open_day": 20, "close_day": 45, "ask_day": 30}
        Timepoint.objects.create(
            clinic=clinic, protocol=followed, key="m1", label="1 month", **point
        )
        made = factories.make_patient(clinic, may_contact=True)
        today = clock.today(made.time_zone)
        closed = [today + timedelta(days=n) for n in range(28, 50)]
        ClosedDay.objects.bulk_create(ClosedDay(clinic=clinic, day=d) for d in closed)
        who = Pretended(
            zone=made.time_zone,
            channels=("email",),
            started_on=today,
            procedure_on=today,
            seed=str(made.pk),
        )
        plan = pretending.start(made, followed, who)
        (first, *_) = staging.simulate(clinic, followed, who).events
        assert calendar.local_day(first.at, who.zone) == today + timedelta(days=27)
        pretending.run(plan, first.at, clock_of_test.move_to)
        (did, *_) = pretending.done(plan)
        assert did[:3] == (first.at, "invitation", "email")
