"""What a tick costs while nothing is due: it must not grow with the rows that wait.

A clinic with few waiting follow-ups is ticked, then one with many is added and ticked;
in turn with each goes the bare index scan that is the floor.
"""

import argparse
import functools
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from django.db import connection

from benchmarks import many_rows, scratch, waiting
from clinic import clock
from clinic.models import Clinic
from outcomes import tasks
from outcomes.models import FollowUp

ROUNDS, TICKS = 30, 20
# So small a difference, in milliseconds, is the machine's.
TIMER_NOISE = 0.2
# An idle tick costs the same however many rows wait, and little.
LARGEST_RATIO, MOST_MILLISECONDS = 1.5, 2.0


def clinic_with(rows: int) -> Clinic:
    """What was made for its pattern is worked off, so that its ticks are idle."""
    began = time.perf_counter()
    with many_rows.quickly():
        clinic = waiting.clinic_with(rows)
    tasks.tick_clinic(clinic, clock.now())
    print(f"{waiting.counts()}; made in {time.perf_counter() - began:.0f} s")
    return clinic


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one call by the wall's clock, and those a processor worked."""

    wall: float
    work: float


def took(act: Callable[[], object]) -> Took:
    began, worked = time.perf_counter(), work_seconds()
    for _ in range(TICKS):
        act()
    wall, work = time.perf_counter() - began, work_seconds() - worked
    return Took(wall * 1000 / TICKS, work * 1000 / TICKS)


def work_seconds() -> float:
    """Of this process, and of PostgreSQL's that serves it where that runs here too."""
    server = _server()
    served = int(server.read_text().split()[0]) / 1e9 if server else 0.0
    return time.process_time() + served


@functools.cache
def _server() -> Path | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = Path("/proc", str(cursor.fetchone()[0]))
    name = process / "comm"
    is_here = name.exists() and name.read_text().startswith("postgres")
    return process / "schedstat" if is_here else None


def bare_scan(clinic: Clinic, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT patient_id FROM outcomes_followup "
            "WHERE clinic_id = %s AND next_action_at <= %s",
            [FollowUp._meta.pk.get_db_prep_value(clinic.pk, connection), now],
        )
        cursor.fetchall()


def measure(few: int, many: int) -> tuple[float, float]:
    """What a tick costs with few rows, and once the many wait beside them."""
    now = clock.now()
    small = clinic_with(few)
    before = timed(f"{few:,} waiting", small, now)
    large = clinic_with(many)
    after = timed(f"{many:,} waiting", large, now)
    print(f"many / few: {after / before:.2f} (at most {LARGEST_RATIO})")
    # With the look at the clock and the record that health is told from.
    tasks.tick()
    print(f"whole tick, written down  {listed([took(tasks.tick) for _ in range(5)])}")
    return before, after


def timed(name: str, clinic: Clinic, now: datetime) -> float:
    """Of the tick the median of the work, taken in turn with the bare scan.

    The wall's clock also counts how long others on the machine were served.
    """
    scratch.analyze()
    # What was made to fill the tables would be walked through while time is taken.
    gc.collect()
    ticks, scans = [], []
    for _ in range(ROUNDS):
        ticks.append(took(lambda: tasks.tick_clinic(clinic, now)))
        scans.append(took(lambda: bare_scan(clinic, now)))
    print(f"tick, {name:<18}  {listed(ticks)}")
    print(f"scan, {name:<18}  {listed(scans)}")
    return median(each.work for each in ticks)


def listed(rounds: list[Took]) -> str:
    work, wall = median(each.work for each in rounds), [each.wall for each in rounds]
    return (
        f"{work:6.3f} ms of work; by the clock {min(wall):.3f} ms at best, "
        f"{median(wall):.3f} in the middle"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=2_000_000)
    chosen = parser.parse_args()
    with scratch.database() as vendor:
        print(f"idle tick on {vendor}, {TICKS} ticks a round")
        before, after = measure(chosen.few, chosen.many)
    if after > max(before * LARGEST_RATIO, before + TIMER_NOISE):
        raise SystemExit("The idle tick grows with the rows that wait.")
    if after > MOST_MILLISECONDS:
        raise SystemExit(f"An idle tick takes more than {MOST_MILLISECONDS} ms.")


if __name__ == "__main__":
    main()
