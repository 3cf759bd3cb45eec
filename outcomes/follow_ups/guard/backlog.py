"""Whether so much is due that a person should look first. Pure."""

# A small clinic's busiest day is no flood.
FLOOR = 50
FACTOR = 3


def limit(foreseen: int) -> int:
    """How many patients may be due at once where so many were foreseen."""
    return max(FLOOR, FACTOR * foreseen)


def is_flood(due: int, foreseen: int) -> bool:
    return due > limit(foreseen)
