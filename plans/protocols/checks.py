"""What makes a protocol wrong, and what is only worth a second look.

The shipped files and the clinics' drafts go through the same checks. All that is
wrong is told at once, each with its place.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, islice

from plans.procedures import catalogue
from plans.protocols import documents, measures, step_days, yearly
from plans.protocols.citations import sources
from plans.protocols.definition import (
    GoalDefinition,
    ProtocolDefinition,
    RungDefinition,
    StepDefinition,
    TimepointDefinition,
)
from plans.protocols.documents import Reading
from plans.protocols.problems import Problem

Found = Iterator[Problem]
# Of windows that overlap with each other; more would bury the other warnings.
MOST_OVERLAPS = 12


def problems(reading: Reading) -> list[Problem]:
    """Everything that must be put right before this can be published."""
    faulty = {(p.section, p.number, p.field) for p in reading.problems}
    found = [
        problem
        for check in _CHECKS
        for problem in check(reading.definition)
        # A row that could not be read is told so, and nothing more about its days.
        if (problem.section, problem.number) not in reading.unread
        and (problem.section, problem.number, problem.field) not in faulty
    ]
    return [*reading.problems, *found]


def warnings(protocol: ProtocolDefinition) -> list[str]:
    """What is allowed, and perhaps not meant."""
    return [
        *_overlaps(protocol.timepoints),
        *_goals_nobody_asks(protocol),
        *_answered_by_nobody(protocol.timepoints),
    ]


def _head(protocol: ProtocolDefinition) -> Found:
    for key in protocol.sources:
        if key not in sources():
            yield Problem(_no_source(key), "sources")
    if not protocol.steps:
        yield Problem("at least one step is needed.", section="steps")
    if not any(point.asks_patient for point in protocol.timepoints):
        yield Problem("the patient is never asked.", section="timepoints")


def _no_source(key: str) -> str:
    return f"there is no source {key!r}."


def _once(section: str, keys: Sequence[str]) -> Found:
    seen: set[str] = set()
    for number, key in enumerate(keys, start=1):
        if key and key in seen:
            words = f"{key} stands twice; each may stand once."
            yield Problem(words, "key", section, number)
        seen.add(key)


def _keys(protocol: ProtocolDefinition) -> Found:
    yield from _once("steps", [step.key for step in protocol.steps])
    yield from _once("timepoints", [point.key for point in protocol.timepoints])


def _steps(protocol: ProtocolDefinition) -> Found:
    for number, step in enumerate(protocol.steps, start=1):
        if step.repeats > 1 and not step.every_days:
            words = "say after how many days it is repeated."
            yield Problem(words, "every_days", "steps", number)
        if step.repeats == 1 and step.every_days:
            words = "it is done once; leave this at 0."
            yield Problem(words, "every_days", "steps", number)
        if step.kind and step.kind not in _kinds():
            words = f"use one of {', '.join(_kinds())}, or leave it empty."
            yield Problem(words, "kind", "steps", number)


def _kinds() -> Collection[str]:
    """What a procedure can be recorded as; another word could never be recorded."""
    return catalogue.by_column("other")["kind"].choices


def _order(protocol: ProtocolDefinition) -> Found:
    """Which steps wait for each other, or for one that is not there."""
    steps = protocol.steps
    if len({step.key for step in steps}) < len(steps):
        return
    broken = False
    for number, step in enumerate(steps, start=1):
        try:
            step_days.days(_needed_for(step, steps))
        except step_days.StepOrderError as error:
            broken = True
            # One place for each fault: what waits for it is not told again.
            if error.step == step.key:
                yield Problem(str(error), "after", "steps", number)
    if not broken:
        yield from _days_of_the_plan(steps)


def _needed_for(
    step: StepDefinition, steps: Sequence[StepDefinition]
) -> list[StepDefinition]:
    by_key = {one.key: one for one in steps}
    needed = [step]
    while needed[-1].after in by_key and by_key[needed[-1].after] not in needed:
        needed.append(by_key[needed[-1].after])
    return needed


def _days_of_the_plan(steps: Sequence[StepDefinition]) -> Found:
    days = step_days.days(steps)
    for number, step in enumerate(steps, start=1):
        first, last = days[step.key][0], days[step.key][-1]
        if first < 0:
            words = f"it would come {-first} days before the plan starts."
            yield Problem(words, "offset_days", "steps", number)
        if last > documents.LAST_DAY:
            words = f"its last day is {last}; the last possible is "
            yield Problem(
                f"{words}{documents.LAST_DAY}.", "offset_days", "steps", number
            )


def _anchor(protocol: ProtocolDefinition) -> Found:
    marked = [n for n, step in enumerate(protocol.steps, 1) if step.is_index]
    needed = 1 if protocol.anchor == "index_procedure" else 0
    if len(marked) == needed:
        return
    if needed and not marked:
        yield Problem(
            "day 0 is the procedure, and no step is marked as day 0 of the "
            "follow-up: mark one.",
            section="steps",
        )
    for number in marked[needed:]:
        words = (
            "another step is day 0 already."
            if needed
            else "day 0 is the start of the plan, so no step is."
        )
        yield Problem(words, "is_index", "steps", number)


def _windows(protocol: ProtocolDefinition) -> Found:
    for number, point in enumerate(protocol.timepoints, start=1):
        yield from _window(point, number)


def _window(point: TimepointDefinition, number: int) -> Found:
    first, last = point.open_day, point.close_day
    if last < first:
        words = f"the window closes on day {last}, before it opens ({first})."
        yield Problem(words, "close_day", "timepoints", number)
        return
    for name in ("offset_days", "ask_day"):
        day = getattr(point, name)
        if not first <= day <= last:
            words = f"{day} is outside the window {first} to {last}."
            yield Problem(words, name, "timepoints", number)


def _yearly(protocol: ProtocolDefinition) -> Found:
    until, points = protocol.yearly_until, protocol.timepoints
    if not until:
        return
    if until < (first := yearly.first_year(points)):
        words = f"the time points last until then; name year {first} or a later one"
        if first > yearly.LAST_YEAR:
            words = f"the time points last beyond year {yearly.LAST_YEAR}"
        yield Problem(f"{words}, or 0 for no yearly questions.", "yearly_until")
    taken = {point.key for point in yearly.tail(points, until)}
    for number, point in enumerate(points, start=1):
        if point.key in taken:
            words = f"{point.key} is what a yearly question is called; use another."
            yield Problem(words, "key", "timepoints", number)


def _asked(protocol: ProtocolDefinition) -> Found:
    for number, point in enumerate(protocol.timepoints, start=1):
        yield from _asked_at(point, number)


def _asked_at(point: TimepointDefinition, number: int) -> Found:
    known = measures.vocabulary()
    for name in ("measures", "optional_measures"):
        for key in getattr(point, name):
            if key not in known:
                words = f"there is no measure {key!r}."
                yield Problem(words, name, "timepoints", number)
    for key in point.sources:
        if key not in sources():
            yield Problem(_no_source(key), "sources", "timepoints", number)
    if point.status == "verified" and not point.sources:
        words = "what is verified needs at least one source."
        yield Problem(words, "sources", "timepoints", number)
    if point.is_safety and point.offset_days < 1:
        words = "a safety check comes after day 0."
        yield Problem(words, "offset_days", "timepoints", number)


def _baseline(protocol: ProtocolDefinition) -> Found:
    points = enumerate(protocol.timepoints, start=1)
    baselines = [(number, point) for number, point in points if point.is_baseline]
    if len(baselines) != 1:
        words = f"exactly one baseline is needed, not {len(baselines)}."
        yield Problem(words, section="timepoints")
    for number, point in baselines:
        if point.close_day > 0:
            words = "the baseline must close by day 0."
            yield Problem(words, "close_day", "timepoints", number)
        if not point.asks_patient:
            words = "the patient must be asked for the baseline."
            yield Problem(words, "who", "timepoints", number)


def _goals(protocol: ProtocolDefinition) -> Found:
    for number, goal in enumerate(protocol.goals, start=1):
        yield from _goal(goal, number)


def _goal(goal: GoalDefinition, number: int) -> Found:
    measure = measures.known().get(goal.measure)
    if measure is None:
        words = f"{goal.measure!r} is no measure with a scale."
        yield Problem(words, "measure", "goals", number)
    elif against := measure.refusal(goal.comparison):
        yield Problem(against, "comparison", "goals", number)
    elif goal.comparison == "less_by_percent":
        if not Decimal(1) <= goal.target <= Decimal(100):
            yield Problem("give a percent from 1 to 100.", "target", "goals", number)
    elif not measure.minimum <= goal.target <= measure.maximum:
        words = f"{measure.name} runs from {measure.minimum} to {measure.maximum}."
        yield Problem(words, "target", "goals", number)


def _rungs(protocol: ProtocolDefinition) -> Found:
    last: dict[bool, int] = {}
    first: dict[RungDefinition, int] = {}
    for number, rung in enumerate(protocol.rungs, start=1):
        # The rescue counts backwards, from the end of the window.
        if rung.channel == "rescue":
            continue
        if first.setdefault(rung, number) != number:
            words = f"the same as reminder {first[rung]}, and would come once; "
            yield Problem(f"{words}remove one of them.", "", "rungs", number)
        before = last.get(rung.is_safety, 0)
        if rung.after_days < before:
            words = f"it comes after the reminder of day {before}; put it before."
            yield Problem(words, "after_days", "rungs", number)
        last[rung.is_safety] = max(before, rung.after_days)
    rescues = Counter(r.is_safety for r in protocol.rungs if r.channel == "rescue")
    if any(count > 1 for count in rescues.values()):
        yield Problem("a ladder has one rescue at most.", section="rungs")


_CHECKS: tuple[Callable[[ProtocolDefinition], Found], ...] = (
    _head,
    _keys,
    _steps,
    _order,
    _anchor,
    _windows,
    _yearly,
    _asked,
    _baseline,
    _goals,
    _rungs,
)


def _overlaps(points: Sequence[TimepointDefinition]) -> list[str]:
    """A patient is asked twice in the same weeks; a measure then counts for one."""
    asked = sorted(
        (point for point in points if point.asks_patient),
        key=lambda point: (point.open_day, point.close_day),
    )
    pairs = (
        f"The windows of {a.label} ({a.open_day} to {a.close_day}) and "
        f"{b.label} ({b.open_day} to {b.close_day}) overlap."
        for a, b in combinations(asked, 2)
        if b.open_day <= a.close_day
    )
    found = list(islice(pairs, MOST_OVERLAPS + 1))
    if len(found) > MOST_OVERLAPS:
        return [*found[:MOST_OVERLAPS], "More windows overlap."]
    return found


def _goals_nobody_asks(protocol: ProtocolDefinition) -> list[str]:
    asked = {
        key
        for point in protocol.timepoints
        for key in (*point.measures, *point.optional_measures)
    }
    known = measures.known()
    return [
        f"No time point asks for the goal’s measure, {known[goal.measure].name}."
        for goal in protocol.goals
        if goal.measure in known and goal.measure not in asked
    ]


def _answered_by_nobody(points: Sequence[TimepointDefinition]) -> list[str]:
    """Required measures that whoever is asked at that point does not answer."""
    known = measures.vocabulary()
    return [
        f"{point.label} asks the {point.who} for {known[key].name}, "
        f"which the {known[key].who} answers."
        for point in points
        for key in point.measures
        if key in known and not _answers(point.who, known[key].who)
    ]


def _answers(asked: str, answered_by: str) -> bool:
    """Whoever examines can also ask what else the patient would be asked."""
    return asked != "patient" or answered_by != "clinician"
