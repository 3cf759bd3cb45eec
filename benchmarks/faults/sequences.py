"""REL-13: random sequences, with the checks of Operations after every step."""

import tempfile
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine
from django.test.utils import override_settings

from benchmarks.faults.rows import Row, Sizes
from clinic import clock
from outcomes.follow_ups.channels import email
from tests.faults import sequences

SEED = 13


def played(sizes: Sizes) -> Row:
    """Whatever breaks says so by the sequence's own assertion."""
    noon = datetime.combine(clock.now().date(), time(12), ZoneInfo("America/Chicago"))
    with tempfile.TemporaryDirectory() as folder:
        mail = {"EMAIL_BACKEND": email.MAILBOX, "MAILBOX_DIR": Path(folder)}
        with override_settings(**mail), time_machine.travel(noon, tick=False) as moved:
            try:
                done = sequences.run(SEED, sizes.sequences, moved)
            except AssertionError as error:
                return Row("random sequences", f"broke: {error}", False)
    tried = done.total()
    acts = tried - done["refused"] - done["nothing"]
    figures = f"{sizes.sequences} sequences, {acts} acts of {tried} tried: none broke"
    return Row("random sequences", figures, done.keys() >= sequences.NAMED)
