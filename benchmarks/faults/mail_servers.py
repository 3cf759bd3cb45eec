"""REL-08: a mail server that hangs for two minutes; the suite has every reply."""

import time

from django.test.utils import override_settings

from benchmarks.faults.rows import Row, Sizes
from clinic import clock
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import due
from outcomes.models import Message
from tests import factories
from tests.faults import sink as sinks
from tests.faults import stage

HANGS_SECONDS, BLOCKS_SECONDS = 120, 30
MOODS = {"hang at once": "retry_wait", "hang": "queued", "drop": "queued"}


def hangs(sizes: Sizes) -> Row:
    # A worker's first letter loads what the others find loaded.
    _deliver("accept")
    found = {mood: _deliver(mood) for mood in MOODS}
    figures = "; ".join(
        f"{mood}: {state} after {seconds:.1f} s"
        for mood, (state, seconds) in found.items()
    )
    holds = all(
        state == MOODS[mood] and seconds <= BLOCKS_SECONDS + 1
        for mood, (state, seconds) in found.items()
    )
    return Row("a mail server hangs for 120 s", figures, holds)


def _deliver(mood: str) -> tuple[str | None, float]:
    """The state it comes to, and how long the worker was held up by it."""
    clinic = factories.make_clinic()
    stage.make_due(clinic, 1)
    due.advance_due(clinic, clock.now())
    message = Message.objects.get(clinic=clinic)
    with sinks.listening() as sink:
        sink.mood, sink.stalls_for = mood, HANGS_SECONDS
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=sink.port,
        ):
            began = time.monotonic()
            state = outbox.deliver(message.pk)
            return state, time.monotonic() - began
