"""Derives what the dashboards count; rebuilding gives the same rows again."""

from outcomes.dashboards.facts.deriving import (
    Attribution,
    Valued,
    baseline_of,
    belongs,
    beside,
    facts_of,
)
from outcomes.dashboards.facts.rebuilding import (
    IN_TIME_ORDER,
    rebuild_due,
    rebuild_many,
)

__all__ = [
    "IN_TIME_ORDER",
    "Attribution",
    "Valued",
    "baseline_of",
    "belongs",
    "beside",
    "facts_of",
    "rebuild_due",
    "rebuild_many",
]
