"""What it costs to plan anew: one course whose procedure moved, and a new version of
a protocol over thousands of plans, against the same rows rewritten by bare SQL.

The edit moves one time point, widens another, adds one and takes one away; the bare
statements do as much to follow-ups, courses, plans, interventions and the audit, and
are rolled back. Each in turn, so often.
"""

import argparse
import cProfile
import pstats
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from benchmarks import replan_plans, scratch
from clinic import audit
from clinic.models import User
from outcomes.follow_ups.planning import schedule
from outcomes.models import Episode
from plans.models import Intervention, Plan
from plans.protocols import moving

ROUNDS, COURSES = 3, 100
MOST_SQL, MOST_MILLISECONDS, MOST_SECONDS = 6, 5.0, 3.0
GOAL_PLANS = 10_000
# What opens and closes transactions is no statement of ours.
FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")


class Counter:
    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any):
        self.number += not sql.lstrip().startswith(FRAME)
        return execute(sql, params, many, context)


def statements(act: Callable[[], object]) -> int:
    counter = Counter()
    with connection.execute_wrapper(counter):
        act()
    return counter.number


def move_procedures(days: int) -> None:
    performed = Intervention.objects.filter(is_index=True)
    performed.update(performed_on=F("performed_on") + timedelta(days=days))


def replan_one() -> tuple[int, float]:
    """SQL, and milliseconds of this process, for a course with two answers."""
    courses = list(Episode.objects.order_by("pk")[: COURSES + 1])
    schedule.apply(courses[0], by=audit.SYSTEM)
    move_procedures(3)
    sql = statements(lambda: schedule.apply(courses[0], by=audit.SYSTEM))
    rounds = []
    for days in (-1, 1, -1):
        move_procedures(days)
        began = time.process_time()
        for course in courses[1:]:
            assert schedule.apply(course, by=audit.SYSTEM).moved
        rounds.append((time.process_time() - began) * 1000 / COURSES)
    return sql, statistics.median(rounds)


def edit_all(by: User, count: int) -> Callable[[], None]:
    """A new version is published, and all plans are then moved to it."""
    new = replan_plans.edited(Plan.objects.latest("protocol__version").protocol, by)

    def act() -> None:
        assert moving.move_all(new, by=by) == (count, 0)

    return act


def rewrite_bare() -> None:
    """As many rows of each table as the edit writes, and not one of them kept."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in replan_plans.bare_rewrite():
            cursor.execute(statement)
        transaction.set_rollback(True)


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def compare(by: User, count: int) -> tuple[float, float]:
    """Seconds of the edit, and how many times those of the bare statements."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        act = edit_all(by, count)
        scratch.analyze()
        ours.append(seconds(act))
        bare.append(seconds(rewrite_bare))
    print(f"edit of {count:,} plans  {listed(ours)}")
    print(f"bare statements     {listed(bare)}")
    return statistics.median(ours), statistics.median(ours) / statistics.median(bare)


def listed(values: list[float]) -> str:
    each = ", ".join(f"{value:.2f}" for value in values)
    return f"{statistics.median(values):6.2f} s ({each})"


def batch_statements(by: User, count: int) -> float:
    """SQL a batch; what finds the batches is in it."""
    batches = -(-count // moving.PLANS_AT_ONCE)
    return statements(edit_all(by, count)) / batches


def profile(by: User, count: int) -> None:
    act = edit_all(by, count)
    with cProfile.Profile() as measured:
        act()
    pstats.Stats(measured).sort_stats("tottime").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=GOAL_PLANS)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with scratch.database() as vendor:
        print(f"planning anew on {vendor}, {chosen.plans:,} plans")
        by = replan_plans.clinic_with(chosen.plans)
        scratch.analyze()
        sql, milliseconds = replan_one()
        print(f"one course: {sql} SQL without BEGIN (at most {MOST_SQL})")
        print(f"one course: {milliseconds:.1f} ms of CPU (at most {MOST_MILLISECONDS})")
        print(f"SQL a batch of {moving.PLANS_AT_ONCE}: ", end="")
        print(f"{batch_statements(by, chosen.plans):.0f}")
        if chosen.profile:
            profile(by, chosen.plans)
            return
        took, ratio = compare(by, chosen.plans)
    allowed = MOST_SECONDS * chosen.plans / GOAL_PLANS
    print(f"edit / bare statements: {ratio:.1f}; {took:.1f} s (at most {allowed:.1f})")
    if sql > MOST_SQL or milliseconds > MOST_MILLISECONDS or took > allowed:
        raise SystemExit("Planning anew takes too long.")


if __name__ == "__main__":
    main()
