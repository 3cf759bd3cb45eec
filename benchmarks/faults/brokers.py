"""REL-03: the broker killed, away for minutes, and emptied."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import broker_loss

# What becomes due at a loss is sent in less, so that it is over before the next return.
SECONDS_A_LOSS = 60


def lost(sizes: Sizes) -> Row:
    outcome = broker_loss.run(
        due=sizes.due,
        kills=sizes.losses,
        down=sizes.down_seconds,
        pace=sizes.losses * SECONDS_A_LOSS / sizes.due,
        tick=sizes.tick_seconds,
    )
    return Row("Redis killed, away, emptied", str(outcome), outcome.holds)
