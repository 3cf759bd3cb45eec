"""Spearman's rank correlation, for answers that are steps rather than amounts."""

import math
from collections import Counter
from collections.abc import Sequence


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """From -1 to 1, ties at their mean rank; None where one of the two is all alike."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} values beside {len(second)}")
    a, b = _ranks(first), _ranks(second)
    mean = (len(a) + 1) / 2
    spread_a = math.fsum((rank - mean) ** 2 for rank in a)
    spread_b = math.fsum((rank - mean) ** 2 for rank in b)
    if not spread_a or not spread_b:
        return None
    both = math.fsum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    return both / math.sqrt(spread_a * spread_b)


def _ranks(values: Sequence[float]) -> list[float]:
    rank_of: dict[float, float] = {}
    before = 0
    for value, n in sorted(Counter(values).items()):
        rank_of[value] = before + (n + 1) / 2
        before += n
    return [rank_of[value] for value in values]
