"""Since when a plan stands as it does: spans of its status, from moves on record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from clinic.models import AuditEvent
from plans.models import Plan

# The audit's names of what moves a plan to another status.
MOVED = tuple(
    f"plan.{done}"
    for done in (
        *("proposed", "revised", "began", "held", "resumed"),
        *("completed", "stopped", "reopened", "entered_in_error"),
    )
)


class Event(Protocol):
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    status: str
    on: date
    until: date
    reason: str = ""

    @property
    def words(self) -> str:
        return str(Plan.Status(self.status).label).lower()


def moves_of(plan: Plan) -> list[AuditEvent]:
    """The plan's own moves: whoever may read the plan may read how it came to stand."""
    return list(
        AuditEvent.objects.filter(
            subjects__patient_id=plan.audit_subject,
            about_id=str(plan.pk),
            action__in=MOVED,
        ).order_by("pk")
    )


def spans(plan: Plan, events: Sequence[Event], today: date) -> list[Span]:
    """One after the other up to today, or with the plan's end as the last."""
    moves = [move for event in events if (move := _move(event)) is not None]
    if not moves and plan.ended_on is not None:
        # Imported, ended already: it ran until then.
        end = (plan.status, plan.ended_on, plan.status_reason)
        moves = [(Plan.Status.ACTIVE.value, *end)]
    first = moves[0][0] if moves else plan.status
    begun = [(first, _first_day(plan, first, today), "")]
    begun += [(status, on, reason) for _, status, on, reason in moves]
    last = plan.ended_on or max(today, plan.started_on)
    return list(_in_order(begun, last))


def _move(event: Event) -> tuple[str, str, date, str] | None:
    """From, to, the day, and why."""
    before, after = event.facts.get("before"), event.facts.get("after")
    day = event.facts.get("on") or event.facts.get("ended_on")
    if not isinstance(before, dict) or not isinstance(after, dict) or not day:
        return None
    on = date.fromisoformat(day)
    return before["status"], after["status"], on, event.facts.get("reason") or ""


def _first_day(plan: Plan, status: str, today: date) -> date:
    """A plan that was only meant has stood so since it was written down."""
    if status in Plan.INTENDED:
        return min(plan.created_at.date(), today)
    return plan.started_on


def _in_order(begun: Sequence[tuple[str, date, str]], last: date) -> Sequence[Span]:
    """All of them, also where several are of one day; an end lasts no longer."""
    ends = [on for _, on, _ in begun[1:]] + [last]
    found = [
        Span(status, min(on, until), until, reason)
        for (status, on, reason), until in zip(begun, ends, strict=True)
    ]
    end = found[-1]
    if end.status in (*Plan.ENDED, Plan.Status.ENTERED_IN_ERROR):
        found[-1] = replace(end, until=end.on)
    return found
