"""REL-15: yesterday's backup, while today's messages are out."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import restores

# More of one clinic would be a flood to the guard of the restored copy.
MOST = 50


def restored(sizes: Sizes) -> Row:
    number = min(sizes.due, MOST)
    outcome = restores.run(due_now=number, gone=number // 2)
    return Row("a backup restored", str(outcome), outcome.holds)
