"""REL-05 and REL-06: many schedulers, none for hours, and one that is dead."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import schedulers

CLINICS = 5


def many_and_none(sizes: Sizes) -> Row:
    """Two, ten, and one after none for two hours (by rows that were set back)."""
    found = [
        schedulers.several(number, due=sizes.due, clinics=CLINICS) for number in (2, 10)
    ]
    found.append(schedulers.one_after_hours(due=sizes.due, clinics=CLINICS))
    figures = "; ".join(map(str, found))
    return Row("schedulers", figures, all(one.holds for one in found))


def dead(sizes: Sizes) -> Row:
    seconds = schedulers.told_dead_after()
    holds = seconds <= schedulers.DEAD_SECONDS + 5
    return Row("the scheduler killed", f"told after {seconds:.0f} s", holds)
