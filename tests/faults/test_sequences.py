import os
from collections import Counter
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinic import clock
from outcomes.follow_ups.channels import email
from tests.faults import sequences

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("FAULT_SEQUENCES", "20"))


@pytest.fixture
def noon(settings, tmp_path):
    """Patients are written to at noon, and their mail is kept on disk."""
    settings.EMAIL_BACKEND, settings.MAILBOX_DIR = email.MAILBOX, tmp_path
    today = clock.now().date()
    at = datetime.combine(today, time(12), ZoneInfo("America/Chicago"))
    with time_machine.travel(at, tick=False) as moved:
        yield moved


def test_no_sequence_with_crashes_breaks_an_invariant(noon):
    done: Counter[str] = sequences.run(1, SEQUENCES, noon)
    assert done.keys() >= sequences.NAMED
    assert done["refused"] < done.total() / 2
