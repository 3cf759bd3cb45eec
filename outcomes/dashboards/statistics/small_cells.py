"""Which counts are too small to show a rate of."""

SMALLEST_SHOWN_CELL = 10


def is_too_few(n: int) -> bool:
    """Whether a cell of n people (1 to 9) is too small for a rate."""
    return 1 <= n < SMALLEST_SHOWN_CELL
