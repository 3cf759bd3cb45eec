"""How values and changes spread: the width of a step, and quantiles of counts.

A database counts how often each value occurs, so nothing here needs all the rows.
"""

import math
from collections.abc import Iterable, Sequence

Counts = Iterable[tuple[float, int]]

# At most so many steps from no change to the widest.
_STEPS = 10
# Powers of ten below 1 are no exact binary fractions.
_DECIMALS = 6


def step_width(minimum: float, maximum: float) -> float:
    """1, 2 or 5 times a power of ten: about a tenth of the measure's span."""
    if not minimum < maximum:
        raise ValueError(f"needs minimum < maximum, got {minimum}, {maximum}")
    wanted = (maximum - minimum) / _STEPS
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(
        round(nice * power, _DECIMALS)
        for nice in (1, 2, 5, 10)
        if nice * power >= wanted * (1 - 1e-9)
    )


def quantiles(values: Counts, probabilities: Sequence[float]) -> list[float] | None:
    """The quantiles of all that is counted, between neighbours; None of nothing.

    At (n - 1) p of the sorted values, as spreadsheets, numpy and pandas do.
    """
    if not all(0 <= probability <= 1 for probability in probabilities):
        raise ValueError(f"a probability lies from 0 to 1: {list(probabilities)}")
    held = sorted((value, n) for value, n in values if n)
    total = sum(n for _, n in held)
    if not total:
        return None
    return [_quantile(held, total, probability) for probability in probabilities]


def _quantile(
    held: Sequence[tuple[float, int]], total: int, probability: float
) -> float:
    place = (total - 1) * probability
    below = math.floor(place)
    first = _at(held, below)
    if below == place:
        return first
    return first + (place - below) * (_at(held, below + 1) - first)


def _at(held: Sequence[tuple[float, int]], place: int) -> float:
    """The value at this place, from 0, had each been written as often as it is."""
    seen = 0
    for value, n in held:
        seen += n
        if place < seen:
            return value
    return held[-1][0]
