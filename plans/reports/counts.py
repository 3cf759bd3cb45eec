"""The figures of the report on plans: a query for each part, whatever the number."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from clinic.models import User
from plans.models import Intervention, Modality, Plan
from plans.procedures import recorded as details_of
from plans.procedures.completeness import Completeness
from plans.reports import rows
from plans.reports.choices import NONE, Choices

# Below this no percentage, median or quartile is given.
FEW = 10
# Looking into every field of more would hold up the page.
MOST_LOOKED_INTO = 2000
STATUSES = tuple(s for s in Plan.Status if s != Plan.Status.ENTERED_IN_ERROR)
DONE = (
    Intervention.Status.PLANNED,
    Intervention.Status.PERFORMED,
    Intervention.Status.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class Group:
    """Plans that share a protocol or a provider; `key` is what an address calls it."""

    key: str
    label: str
    counts: Counter[str]

    @property
    def id(self) -> str | None:
        return None if self.key == NONE else self.key

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class Sessions:
    """Courses of therapy of one provider's plans; sums over those with sessions.

    Reviews are no courses: `rows.IS_COURSE`.
    """

    key: str
    label: str
    courses: int
    recorded: int
    prescribed: int
    attended: int
    missed: int

    @property
    def id(self) -> str | None:
        return None if self.key == NONE else self.key

    @property
    def lacking(self) -> int:
        return self.courses - self.recorded

    @property
    def due(self) -> int:
        """What has come due so far."""
        return self.attended + self.missed

    @property
    def percent(self) -> int | None:
        """Of the sessions due; None where too few courses or none due."""
        if self.recorded < FEW or not self.due:
            return None
        return round(100 * self.attended / self.due)


@dataclass(frozen=True, slots=True)
class Wait:
    """Days from the first diagnosis to the first treatment that was performed."""

    days: tuple[int, ...]
    before: int
    untreated: int

    @property
    def n(self) -> int:
        return len(self.days)

    @property
    def total(self) -> int:
        return self.n + self.before + self.untreated

    @property
    def is_few(self) -> bool:
        return self.n < FEW

    @property
    def median(self) -> float | None:
        return None if self.is_few else statistics.median(self.days)

    @property
    def quartiles(self) -> tuple[float, float] | None:
        if self.is_few:
            return None
        first, _, third = statistics.quantiles(self.days, n=4, method="inclusive")
        return first, third


@dataclass(frozen=True, slots=True)
class Done:
    modality: str
    label: str
    counts: Counter[str]
    # Of each that was performed, how many percent of its fields are recorded.
    recorded: tuple[int, ...] = ()
    # How many of those performed have fields whose day has not come.
    due_later: int = 0

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def percent(self) -> int | None:
        """The median, rounded down; None where too few were performed."""
        if len(self.recorded) < FEW:
            return None
        return int(statistics.median(self.recorded))


@dataclass(frozen=True, slots=True)
class Report:
    protocols: tuple[Group, ...]
    providers: tuple[Group, ...]
    sessions: tuple[Sessions, ...]
    wait: Wait
    modalities: tuple[Done, ...]

    @property
    def plans(self) -> int:
        return sum(group.total for group in self.protocols)

    @property
    def all_sessions(self) -> Sessions:
        return _sum(self.sessions)


def report(user: User, choices: Choices) -> Report:
    """Six queries."""
    held = list(
        rows.plans(user, choices)
        .order_by()
        .values(
            *("protocol", "protocol__title", "protocol__version"),
            *("provider", "provider__name", "status"),
        )
        .annotate(n=Count("pk"))
    )
    # Two columns that the rows are annotated with.
    days: Any = rows.complaints(user, choices).order_by()
    return Report(
        protocols=_groups(held, "protocol", _protocol_label),
        providers=_groups(held, "provider", _provider_label),
        sessions=tuple(_sessions(user, choices)),
        wait=wait(days.values_list("diagnosed_on", "treated_on")),
        modalities=tuple(_modalities(user, choices)),
    )


def _protocol_label(row: dict[str, Any]) -> str:
    if row["protocol"] is None:
        return "Without a protocol (imported)"
    return f"{row['protocol__title']} v{row['protocol__version']}"


def _provider_label(row: dict[str, Any]) -> str:
    return row["provider__name"] or "Nobody in particular"


def _groups(held: Sequence[dict[str, Any]], name: str, label: Any) -> tuple[Group, ...]:
    found: dict[str, Group] = {}
    for row in held:
        key = str(row[name] or NONE)
        group = found.setdefault(key, Group(key, label(row), Counter()))
        group.counts[row["status"]] += row["n"]
    return tuple(sorted(found.values(), key=_by_name))


def _by_name(group: Group | Sessions) -> tuple[bool, str, str]:
    """What has no name stands last; never by how many."""
    return group.key == NONE, group.label.casefold(), group.key


def _sessions(user: User, choices: Choices) -> list[Sessions]:
    recorded = rows.HAS_SESSIONS
    found: Any = (
        rows.interventions(user, choices)
        .filter(rows.IS_COURSE)
        .order_by()
        .values("plan__provider", "plan__provider__name")
        .annotate(
            courses=Count("pk"),
            recorded=Count("pk", filter=recorded),
            prescribed=Sum("therapy__sessions_prescribed", filter=recorded, default=0),
            attended=Sum("therapy__sessions_attended", filter=recorded, default=0),
            missed=Sum("therapy__sessions_missed", filter=recorded, default=0),
        )
    )
    lines = [
        Sessions(
            key=str(row.pop("plan__provider") or NONE),
            label=row.pop("plan__provider__name") or "Nobody in particular",
            **row,
        )
        for row in found
    ]
    return sorted(lines, key=_by_name)


def _sum(lines: Iterable[Sessions]) -> Sessions:
    lines = list(lines)
    names = ("courses", "recorded", "prescribed", "attended", "missed")
    sums = {name: sum(getattr(line, name) for line in lines) for name in names}
    return Sessions(key="", label="All", **sums)


def wait(days: Iterable[tuple[date, date | None]]) -> Wait:
    spans, before, untreated = [], 0, 0
    for diagnosed_on, treated_on in days:
        if treated_on is None:
            untreated += 1
        elif treated_on < diagnosed_on:
            before += 1
        else:
            spans.append((treated_on - diagnosed_on).days)
    return Wait(tuple(sorted(spans)), before, untreated)


def _modalities(user: User, choices: Choices) -> list[Done]:
    found: Any = (
        rows.interventions(user, choices)
        .order_by()
        .values("modality")
        .annotate(**{status: Count("pk", filter=Q(status=status)) for status in DONE})
    )
    counts = {row.pop("modality"): Counter(row) for row in found}
    found_in = _looked_into(user, choices)
    return [
        Done(
            modality,
            modality.label,
            counts[modality],
            recorded=_percents(found_in[modality]),
            due_later=sum(bool(each.due_later) for each in found_in[modality]),
        )
        for modality in Modality
        if modality in counts
    ]


def _percents(found: Iterable[Completeness]) -> tuple[int, ...]:
    return tuple(each.percent for each in found if each.percent is not None)


def _looked_into(user: User, choices: Choices) -> dict[str, list[Completeness]]:
    """What is recorded of the newest performed ones; which fields are asked of one
    depends on what it says and on the day, so no database can count them.
    """
    performed = rows.interventions(user, choices).filter(
        status=Intervention.Status.PERFORMED
    )
    found: dict[str, list[Completeness]] = defaultdict(list)
    newest = performed.order_by("-performed_on", "-pk")[:MOST_LOOKED_INTO]
    for one in details_of.with_details(newest):
        found[one.modality].append(details_of.completeness_of(one))
    return found
