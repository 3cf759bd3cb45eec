"""Figures of the dashboards: means, intervals, responder rates and their kin.

Pure functions over numbers. Standard library only: scipy costs the web process
100 MB and two seconds.
"""

from outcomes.dashboards.statistics.differences import Difference, difference
from outcomes.dashboards.statistics.distribution import step_width
from outcomes.dashboards.statistics.intervals import (
    Summary,
    mean_interval,
    summary,
    summary_of_sums,
    t_quantile,
    wilson,
)
from outcomes.dashboards.statistics.responders import (
    DEFAULT_RULE,
    RULES,
    Responders,
    Rule,
    is_responder,
    needed_change,
    responder_rate,
    threshold,
)
from outcomes.dashboards.statistics.small_cells import (
    SMALLEST_SHOWN_CELL,
    is_too_few,
)
from outcomes.dashboards.statistics.values import (
    LEVEL,
    Direction,
    Interval,
    Number,
)
from outcomes.dashboards.statistics.worsening import (
    Worsened,
    is_worse,
    worsened_rate,
)

__all__ = [
    "DEFAULT_RULE",
    "LEVEL",
    "RULES",
    "SMALLEST_SHOWN_CELL",
    "Difference",
    "Direction",
    "Interval",
    "Number",
    "Responders",
    "Rule",
    "Summary",
    "Worsened",
    "difference",
    "is_responder",
    "is_too_few",
    "is_worse",
    "mean_interval",
    "needed_change",
    "responder_rate",
    "step_width",
    "summary",
    "summary_of_sums",
    "t_quantile",
    "threshold",
    "wilson",
    "worsened_rate",
]
