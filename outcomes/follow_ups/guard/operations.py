"""What the Operations page shows: whether messages go, what waits, what is wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.models import Clinic, User
from outcomes.follow_ups.guard import (
    chart_hours,
    checks,
    failed,
    forecast,
    health,
    reconcile,
    stopped,
    ticks,
)
from outcomes.follow_ups.guard.checks import Check
from outcomes.models import ChannelPause


@dataclass(frozen=True, slots=True)
class Line:
    check: Check
    # None where it has not been counted yet.
    number: int | None

    @property
    def look(self) -> str:
        if self.number is None:
            return ""
        if not self.number:
            return "ok"
        return "warn" if self.check.is_information else "bad"


def page(user: User, clinic: Clinic, now: datetime) -> dict[str, Any]:
    counted = reconcile.latest(clinic) or reconcile.count(clinic, now, is_full=False)
    numbers = forecast.next_hours(clinic, now)
    first = now.replace(minute=0, second=0, microsecond=0)
    return {
        "clinic": clinic,
        "now": now,
        "counted": counted,
        "lines": [Line(one, counted.counts.get(one.key)) for one in checks.CHECKS],
        "signs": [
            ("Due work", "tick", health.sign_of(ticks.TICK, now)),
            ("Mail worker", "mail", health.sign_of(ticks.MAIL, now)),
            ("Text worker", "text", health.sign_of(ticks.TEXT, now)),
        ],
        "reconciled": health.sign_of(ticks.RECONCILE, now),
        "machines": health.machines(ticks.TICK, now).count(),
        "queues": health.queues(now, clinic),
        "unclear": failed.unclear(failed.rows(user, now)).count(),
        "stopped": stopped.read(ChannelPause.objects.stopping(clinic), clinic),
        "chart": chart_hours.hours_chart(numbers, first, clinic.zone),
    }
