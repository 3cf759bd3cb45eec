from collections import Counter
from datetime import datetime, time
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinic import clock
from outcomes.follow_ups.channels import email
from tests.faults import sequences

A_TEST = 50


@pytest.fixture
def noon(settings, tmp_path):
    """Patients are written to at noon, and their mail is kept on disk."""
    settings.EMAIL_BACKEND, settings.MAILBOX_DIR = email.MAILBOX, tmp_path
    today = clock.now().date()
    at = datetime.combine(today, time(12), ZoneInfo("America/Chicago"))
    with time_machine.travel(at, tick=False) as moved:
        yield moved


@pytest.mark.parametrize("seed", [1, 2])
def test_no_sequence_with_crashes_breaks_an_invariant(noon, clinic, physician, seed):
    rng, done = Random(seed), Counter()
    rng.clock = noon
    sequences.run(rng, clinic, A_TEST, done)
    assert done.keys() >= sequences.NAMED
