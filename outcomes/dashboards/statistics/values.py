"""Kinds of number the figures share, and how a score becomes exact."""

from decimal import Decimal, InvalidOperation
from typing import Literal

Number = Decimal | float
Direction = Literal["lower", "higher"]
Interval = tuple[float, float]

LEVEL = 0.95


def lower_is_better(better_is: Direction) -> bool:
    if better_is not in ("lower", "higher"):
        raise ValueError(f'better_is must be "lower" or "higher", not {better_is!r}')
    return better_is == "lower"


def exact(value: Number) -> Decimal:
    """The score as it was written; ValueError where it is no finite number."""
    # Through the shortest text: the float 3.15 is meant as 3.15, not as the
    # nearest binary fraction, which lies above it and would miss 30 % of 4.5.
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return number


def improvement(baseline: Number, value: Number, better_is: Direction) -> Decimal:
    """Exact points better (negative: worse), whichever way the measure runs."""
    fall = exact(baseline) - exact(value)
    return fall if lower_is_better(better_is) else -fall


def ratio(part: int, whole: int) -> float | None:
    """The share, or None of nobody."""
    return part / whole if whole else None
