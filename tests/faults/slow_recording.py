"""The program of a worker that dawdles between the provider's yes and our record of it.

Start it with `celery -A tests.faults.slow_recording worker`.
"""

import time
from typing import Any

import django

from config.celery import app

django.setup()

from outcomes.follow_ups.channels.outcome import Outcome, Verdict  # noqa: E402
from outcomes.follow_ups.outbox import recording  # noqa: E402

__all__ = ["app"]

DAWDLES_SECONDS = 0.05
_record = recording.record_while_leased


def _late(lease: Any, outcome: Outcome, *more: Any) -> str | None:
    if outcome.verdict == Verdict.ACCEPTED:
        time.sleep(DAWDLES_SECONDS)
    return _record(lease, outcome, *more)


recording.record_while_leased = _late
