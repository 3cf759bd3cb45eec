"""REL-04: PostgreSQL stopped at once, in a cluster made for it."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import database_loss

CLINICS, WORKERS = 5, 4
SECONDS_A_STOP = 20


def stopped(sizes: Sizes) -> Row:
    """On a cluster of its own, whatever database the other rows are about."""
    outcome = database_loss.run(
        due=sizes.due,
        stops=sizes.losses,
        clinics=CLINICS,
        workers=WORKERS,
        pace=WORKERS * sizes.losses * SECONDS_A_STOP / sizes.due,
    )
    return Row("PostgreSQL stopped at once", str(outcome), outcome.holds)
