"""REL-03: the broker killed, away for minutes, and emptied."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import broker_loss


def lost(sizes: Sizes) -> Row:
    outcome = broker_loss.run(
        due=sizes.due,
        kills=sizes.losses,
        down=sizes.down_seconds,
        # Messages are under way over all of the losses.
        pace=sizes.losses * 2 * sizes.tick_seconds / sizes.due,
        tick=sizes.tick_seconds,
    )
    return Row("Redis killed, away, emptied", str(outcome), outcome.holds)
