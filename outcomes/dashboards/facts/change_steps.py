"""The steps that a distribution of change is counted in. Pure."""

import functools
import math
from decimal import ROUND_HALF_UP, Decimal

MOST_STEPS = 20


@functools.lru_cache(maxsize=1000)
def width(minimum: Decimal, maximum: Decimal) -> Decimal:
    """A round width, at most twenty of which make the scale; 1 for 0 to 10.

    Scales of ten points and more are answered in whole ones, so they take no less.
    """
    length = maximum - minimum
    rough = length / MOST_STEPS
    magnitude = Decimal(10) ** math.floor(math.log10(rough))
    found = next(
        magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= rough
    )
    return max(found, Decimal(1)) if length >= 10 else found


def step_of(change: Decimal, wide: Decimal) -> int:
    """The step whose middle lies nearest, of two the one farther from no change."""
    return int((change / wide).to_integral_value(ROUND_HALF_UP))
