"""What the simulator says, the engine does: message for message."""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic import clock
from outcomes.simulator import staging
from outcomes.simulator.playing import What
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
    plan = pretending.start(patient, followed, who)
    play = staging.simulate(clinic, followed, who)
    until = clock.now() + timedelta(days=staging.YEARS_AHEAD.days - 2)
    pretending.run(plan, until, move_clock)
    said = [
        (one.at, one.kind or "call", one.channel, one.rung)
        for one in play.events
        if one.what in {What.MESSAGE, What.CALL}
    ]
    late = [one.at for one in play.events if one.what == What.HANDED_OVER]
    said += [(at, "call", "", "invite") for at in late]
    did = pretending.done(plan)
    return sorted(one for one in said if one[0] <= until), did
