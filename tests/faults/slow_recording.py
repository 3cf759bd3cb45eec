"""The program of a worker that dawdles between the provider's yes and our note of it.

Start it with `celery -A tests.faults.slow_recording worker`.
"""

import time

import django

from config.celery import app

django.setup()

from outcomes.follow_ups.channels.outcome import Verdict  # noqa: E402
from outcomes.follow_ups.outbox.journal import Journal  # noqa: E402
from outcomes.follow_ups.outbox.recording import Done  # noqa: E402

__all__ = ["app"]

DAWDLES_SECONDS = 0.05
_note = Journal.note


def _late(journal: Journal, done: Done) -> None:
    if done.outcome.verdict == Verdict.ACCEPTED:
        time.sleep(DAWDLES_SECONDS)
    _note(journal, done)


Journal.note = _late  # type: ignore[method-assign]
