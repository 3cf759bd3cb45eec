"""REL-01 and REL-02: workers that are killed while they send."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import worker_kills
from tests.faults.programs import SLOW_RECORDING

CLINICS, WORKERS = 5, 4
MOST_COPIES = 5


def killed(sizes: Sizes) -> Row:
    outcome = _run(sizes, "config", MOST_COPIES)
    return Row("kill -9 of workers", str(outcome), outcome.holds)


def killed_before_recording(sizes: Sizes) -> Row:
    """With 50 ms between the provider's yes and our record of it."""
    # Each kill may meet one message at that moment, for a worker sends one at a time.
    outcome = _run(sizes, SLOW_RECORDING, sizes.kills)
    return Row("the same, 50 ms before recording", str(outcome), outcome.holds)


def _run(sizes: Sizes, app: str, most_copies: int) -> worker_kills.Outcome:
    return worker_kills.run(
        due=sizes.due,
        kills=sizes.kills,
        clinics=CLINICS,
        workers=WORKERS,
        most_copies=most_copies,
        app=app,
    )
