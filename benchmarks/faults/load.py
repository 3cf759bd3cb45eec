"""REL-16: the rate of 50,000 due in an hour, with patients who answer meanwhile."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import load

AN_HOUR, CLINICS = 50_000, 5
# Seven thousand and more surveys an hour, ten pages each.
ONE_OF = 7


def busiest_hour(sizes: Sizes) -> Row:
    """A part of the hour at its full rate."""
    outcome = load.run(
        due=round(AN_HOUR * sizes.load_minutes / 60),
        minutes=sizes.load_minutes,
        clinics=CLINICS,
        one_of=ONE_OF,
        tick=sizes.tick_seconds,
    )
    return Row("50,000 due in an hour", str(outcome), outcome.holds)
