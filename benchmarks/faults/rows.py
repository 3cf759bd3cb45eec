"""A row of the table, and how much of each fault it takes."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """The goals are stated for 1,000 due and 100 kills."""

    due: int
    kills: int
    # How often a broker or a database is lost, and how long it stays away at last.
    losses: int
    down_seconds: float
    # Between two ticks, in the product a minute.
    tick_seconds: int
    sequences: int
    # How long the rate of the busiest hour is kept up.
    load_minutes: float


@dataclass(frozen=True, slots=True)
class Row:
    fault: str
    figures: str
    holds: bool


Scenario = Callable[[Sizes], Row]
