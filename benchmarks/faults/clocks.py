"""REL-07 and REL-14: a clock that jumps, and the clocks of every zone."""

from datetime import timedelta

from benchmarks.faults.rows import Row, Sizes
from tests.faults import clock_jumps, zones

DAY = timedelta(days=1)
JUMPS = (DAY, 400 * DAY, timedelta(hours=-1), -DAY)


def moved(sizes: Sizes) -> Row:
    found = [clock_jumps.run(jump) for jump in JUMPS]
    figures = "; ".join(map(str, found))
    return Row("the clock moved", figures, all(one.holds for one in found))


def of_every_zone(sizes: Sizes) -> Row:
    found = zones.check(zones.ZONES)
    return Row("clock changes, ends of months", str(found), found.holds)
